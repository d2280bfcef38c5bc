# Each folder under src/ is one static library and, when it has tests, one test program.
#
#   brusio_library(NAME SOURCES a.cpp … LINK base … [PRECOMPILE chat/chat.hpp | LIKE chat])
#   brusio_test(NAME SOURCES a_test.cpp … LINK … [PRECOMPILE door/irc/scene_test.hpp])
#                                               → build/…/bin/NAME_test, run by ctest
#
# What a library may include is what it links; tests/lint/arrows.py keeps the table.
# Precompiled are the standard headers of cmake/pch.hpp, with PRECOMPILE these of ours as well (the large ones, which
# all files of the folder read); LIKE another library: what that one has. Tests are built without optimization, which
# halves the time they take to build and costs them little: what they call is built as the server is. For the same
# reason ASan and UBSan watch what is tested, but not the tests themselves.

function(brusio_library name)
  cmake_parse_arguments(ARG "" "LIKE" "SOURCES;LINK;PRECOMPILE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(NOT ARG_LIKE)
    set(ARG_LIKE base)
  endif()
  brusio_precompile(${name} ${ARG_LIKE} ${ARG_PRECOMPILE})
endfunction()

function(brusio_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRECOMPILE" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LINK} GTest::gtest_main)
  target_compile_options(${name}_test PRIVATE -O0)
  if(BRUSIO_SANITIZE MATCHES address)
    target_compile_options(${name}_test PRIVATE -fno-sanitize=all)
  endif()
  brusio_precompile(${name}_test base_test ${ARG_PRECOMPILE})
  add_test(NAME ${name} COMMAND ${name}_test)
endfunction()

# TARGET LIKE [HEADER…]
function(brusio_precompile name like)
  set(headers ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
  if(name MATCHES "_test$")
    list(APPEND headers <gtest/gtest.h>)
  endif()
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/)
  if(ARGN OR name STREQUAL like)
    target_precompile_headers(${name} PRIVATE ${headers} ${ARGN})
  else()
    target_precompile_headers(${name} REUSE_FROM ${like})
  endif()
endfunction()
