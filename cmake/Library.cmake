# The two libraries that users link, each made of the object files of its folders, static or
# shared (BUILD_SHARED_LIBS). Folders below api/ are private: hidden symbols, no headers installed.
find_package(Threads REQUIRED)
find_package(hwy CONFIG REQUIRED)
set(papilio_private_libs hwy::hwy Threads::Threads ${CMAKE_DL_LIBS})
if(NOT PAPILIO_STD_THREADS)
  find_package(TBB REQUIRED)
  list(APPEND papilio_private_libs TBB::tbb)
endif()

# Hidden visibility leaves out some template variables (g++ 12), so the linker is told as well: the
# namespaces of the folders are private, but for papilio::io, which has a public header.
set(papilio_version_script ${PROJECT_BINARY_DIR}/generated/private_names.map)
set(papilio_private_names "")
list(REMOVE_ITEM papilio_folders io)
foreach(folder ${papilio_folders})
  string(APPEND papilio_private_names "      papilio::${folder}::*;\n")
endforeach()
file(CONFIGURE OUTPUT ${papilio_version_script} @ONLY CONTENT
"{
  global: *;
  local:
    extern \"C++\" {
@papilio_private_names@    };
};
")

# papilio_library(<target> <name> FOLDERS ... LIBS ...): target papilio::<name>.
function(papilio_library target name)
  cmake_parse_arguments(ARG "" "OUTPUT" "FOLDERS;LIBS" ${ARGN})
  add_library(${target})
  add_library(papilio::${name} ALIAS ${target})
  foreach(folder ${ARG_FOLDERS})
    if(TARGET papilio_${folder})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:papilio_${folder}>)
    endif()
  endforeach()
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:papilio_settings> ${ARG_LIBS})
  if(BUILD_SHARED_LIBS AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(${target} PRIVATE "LINKER:--version-script=${papilio_version_script}")
  endif()
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name} OUTPUT_NAME ${ARG_OUTPUT} LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endfunction()

papilio_library(papilio_core papilio OUTPUT papilio
  FOLDERS base ir transform spectral reference passes kernels codegen runtime api
  LIBS ${papilio_private_libs})

if(PAPILIO_BUILD_IO AND TARGET papilio_io)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(papilio_sndfile REQUIRED IMPORTED_TARGET sndfile)
  pkg_check_modules(papilio_soxr REQUIRED IMPORTED_TARGET soxr)
  # A shared papilio::io carries base/ itself, since the core library hides it; a static one finds
  # it in the core library.
  set(papilio_io_folders io)
  if(BUILD_SHARED_LIBS)
    list(APPEND papilio_io_folders base)
  endif()
  papilio_library(papilio_files io OUTPUT papilio_io
    FOLDERS ${papilio_io_folders}
    LIBS ${papilio_private_libs} PkgConfig::papilio_sndfile PkgConfig::papilio_soxr)
  target_link_libraries(papilio_files PUBLIC papilio_core)
endif()
