# Compiler settings shared by every target, papilio_module() (one object library per folder) and
# papilio_test() (one GoogleTest program).
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# Tests that start threads of ours, beside those with the label; `ctest -L threads` runs under TSan.
set(PAPILIO_THREADED_TESTS base_test runtime_test)

add_library(papilio_settings INTERFACE)
target_include_directories(papilio_settings INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/generated)
target_compile_options(papilio_settings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -fno-math-errno -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in std::string's operator+ where there are none (its bug 105651).
  target_compile_options(papilio_settings INTERFACE -Wno-restrict)
endif()
if(PAPILIO_WERROR)
  target_compile_options(papilio_settings INTERFACE -Werror)
endif()
if(PAPILIO_SANITIZE)
  string(REPLACE ";" "," papilio_sanitize_list "${PAPILIO_SANITIZE}")
  target_compile_options(papilio_settings INTERFACE -fsanitize=${papilio_sanitize_list}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(papilio_settings INTERFACE -fsanitize=${papilio_sanitize_list})
endif()
if(PAPILIO_BUILD_FUZZERS)
  # Coverage feedback from everything that a fuzzer links, not only from its own file.
  target_compile_options(papilio_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# papilio_module(<folder> SOURCES a.cpp ... LIBS x y): object library papilio_<folder>.
function(papilio_module folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(papilio_${folder} OBJECT ${ARG_SOURCES})
  target_link_libraries(papilio_${folder} PRIVATE papilio_settings ${ARG_LIBS})
endfunction()

# papilio_test(<name> SOURCES ... MODULES base ir ... LIBS ... LABELS ...): a GoogleTest program
# made of the object files of the named modules, so that a test links no more than it tests.
function(papilio_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;MODULES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  foreach(module ${ARG_MODULES})
    target_link_libraries(${name} PRIVATE papilio_${module})
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:papilio_${module}>)
  endforeach()
  target_link_libraries(${name} PRIVATE papilio_settings GTest::gtest_main ${ARG_LIBS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(name IN_LIST PAPILIO_THREADED_TESTS)
    list(APPEND ARG_LABELS threads)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
  if("threads" IN_LIST ARG_LABELS)
    set_property(GLOBAL APPEND PROPERTY PAPILIO_THREADED_TARGETS ${name})
  endif()
endfunction()
