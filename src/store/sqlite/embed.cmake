# Writes the numbered SQL files FILES into OUT, as rows of a C++ table: {number, name, text}.
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "^0*([0-9]+)_.*$" "\\1" number ${name})
  file(READ ${file} text)
  string(APPEND rows "{${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE ${OUT} "${rows}")
