# Version, commit and compiler, known to one source file only (base/version.cpp.in), so that a new
# commit recompiles that file and nothing else. Also run as a script at build time (cmake -P).
if(CMAKE_SCRIPT_MODE_FILE)
  if(NOT PAPILIO_COMMIT)
    set(PAPILIO_COMMIT "unknown")
    # Only our own repository: as a subdirectory of another one, its commit says nothing of us.
    if(EXISTS ${PAPILIO_SOURCE}/.git)
      execute_process(COMMAND git -C ${PAPILIO_SOURCE} rev-parse --short=12 HEAD
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      if(commit)
        set(PAPILIO_COMMIT ${commit})
      endif()
    endif()
  endif()
  configure_file(${PAPILIO_SOURCE}/src/base/version.cpp.in ${PAPILIO_OUTPUT} @ONLY)
  return()
endif()

# papilio_version(<target>): adds the generated version.cpp to a target.
function(papilio_version target)
  set(output ${PROJECT_BINARY_DIR}/generated/base/version.cpp)
  set(compiler "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  add_custom_target(papilio_version_source
    COMMAND ${CMAKE_COMMAND} "-DPAPILIO_SOURCE=${PROJECT_SOURCE_DIR}" "-DPAPILIO_OUTPUT=${output}"
      "-DPAPILIO_VERSION=${PROJECT_VERSION}" "-DPAPILIO_COMPILER=${compiler}"
      "-DPAPILIO_COMMIT=${PAPILIO_COMMIT}" -P ${PROJECT_SOURCE_DIR}/cmake/Version.cmake
    BYPRODUCTS ${output} VERBATIM COMMENT "Version and commit")
  target_sources(${target} PRIVATE ${output})
  add_dependencies(${target} papilio_version_source)
endfunction()
