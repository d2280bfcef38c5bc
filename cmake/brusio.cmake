# Each folder under src/ is one static library and, when it has tests, one test program.
#
#   brusio_library(NAME SOURCES a.cpp … LINK base …)
#   brusio_test(NAME SOURCES a_test.cpp … LINK …)      → build/…/bin/NAME_test, run by ctest
#
# What a library may include is what it links; tests/lint/arrows.py keeps the table.

function(brusio_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  brusio_precompile(${name})
endfunction()

function(brusio_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LINK} GTest::gtest_main)
  brusio_precompile(${name}_test)
  add_test(NAME ${name} COMMAND ${name}_test)
endfunction()

# One precompiled header of standard headers, shared by all.
function(brusio_precompile name)
  if(name STREQUAL "base")
    target_precompile_headers(base PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
  else()
    target_precompile_headers(${name} REUSE_FROM base)
  endif()
endfunction()
