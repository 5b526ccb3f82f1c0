# Install rules: libraries, public headers, the command line, a find_package configuration and
# pkg-config files.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(papilio_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/papilio)
set(papilio_parts core)
if(TARGET papilio_files)
  list(APPEND papilio_parts files)
endif()
foreach(part ${papilio_parts})
  install(TARGETS papilio_${part} EXPORT papilio_${part}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT papilio_${part} NAMESPACE papilio:: DESTINATION ${papilio_package_dir}
    FILE papilio-${part}.cmake)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/papilio DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(app papilio_app papilio)
  if(TARGET ${app})
    install(TARGETS ${app} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/papilioConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/papilioConfig.cmake INSTALL_DESTINATION ${papilio_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/papilioConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/papilioConfig.cmake
  ${PROJECT_BINARY_DIR}/package/papilioConfigVersion.cmake DESTINATION ${papilio_package_dir})

# A static library's dependencies are its user's dependencies; a shared one keeps them to itself.
if(BUILD_SHARED_LIBS)
  set(papilio_pc_requires "Requires.private")
else()
  set(papilio_pc_requires "Requires")
endif()
# Relative to the .pc file, so that the installed tree can be moved.
file(RELATIVE_PATH papilio_pc_to_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" papilio_pc_to_prefix "${papilio_pc_to_prefix}")
foreach(pc papilio papilio-io)
  if(pc STREQUAL "papilio" OR TARGET papilio_files)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${pc}.pc.in
      ${PROJECT_BINARY_DIR}/package/${pc}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/package/${pc}.pc
      DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endif()
endforeach()
