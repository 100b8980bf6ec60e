# The libraries as others use them: headers, a CMake package, and files for pkg-config.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Headers include each other as "tls/record.hpp", and their users do the same.
set(HELIOGRAPH_INSTALL_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}/heliograph")
set(HELIOGRAPH_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/heliograph")
set(HELIOGRAPH_PKGCONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# What these targets are called among the files of pkg-config.
set(HELIOGRAPH_PKGCONFIG_OpenSSL::Crypto libcrypto)
set(HELIOGRAPH_PKGCONFIG_ZLIB::ZLIB zlib)
set(HELIOGRAPH_PKGCONFIG_simdjson::simdjson simdjson)

# heliograph_library(<room> DESCRIPTION <text>): installs a room for use by others. The rooms that it
# uses have to be installed as well.
function(heliograph_library room)
  cmake_parse_arguments(ARG "" "DESCRIPTION" "" ${ARGN})
  install(TARGETS heliograph_${room} EXPORT heliograph
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/src/${room}"
          DESTINATION "${HELIOGRAPH_INSTALL_INCLUDEDIR}" COMPONENT development
          FILES_MATCHING PATTERN "*.hpp")

  # Who links a static library needs all that it uses.
  set(rooms "")
  set(requires "")
  get_target_property(uses heliograph_${room} HELIOGRAPH_USES)
  list(REMOVE_ITEM uses "")
  foreach(target IN LISTS uses)
    if(target MATCHES "^heliograph::(.*)$")
      list(APPEND rooms ${CMAKE_MATCH_1})
      list(APPEND requires "heliograph-${CMAKE_MATCH_1} = ${PROJECT_VERSION}")
    else()
      list(APPEND requires "${HELIOGRAPH_PKGCONFIG_${target}}")
    endif()
  endforeach()
  set_property(GLOBAL APPEND_STRING PROPERTY HELIOGRAPH_COMPONENTS
               "set(heliograph_${room}_needs \"${rooms}\")\n")
  if(requires)
    list(JOIN requires ", " requires)
    string(PREPEND requires "\nRequires: ")
  endif()
  # Found from the place of the file itself, so that the whole tree can be moved.
  file(RELATIVE_PATH prefix "/${HELIOGRAPH_PKGCONFIG_DIR}" "/")
  string(REGEX REPLACE "/$" "" prefix "${prefix}")
  set(description "${ARG_DESCRIPTION}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/heliograph.pc.in"
                 "${PROJECT_BINARY_DIR}/heliograph-${room}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/heliograph-${room}.pc"
          DESTINATION "${HELIOGRAPH_PKGCONFIG_DIR}" COMPONENT development)
endfunction()

heliograph_library(base DESCRIPTION "Bytes, buffers and encodings")
heliograph_library(crypto DESCRIPTION "Typed secrets, certificates and primitives over libcrypto")
heliograph_library(tls DESCRIPTION "TLS 1.3 as a machine without I/O, server and client")
heliograph_library(http DESCRIPTION "HTTP/1.1 heads as a machine without I/O")
heliograph_library(ws DESCRIPTION "WebSocket as a machine without I/O, server and client")
heliograph_library(resp DESCRIPTION "RESP2 and RESP3 and a Redis client as machines without I/O")
heliograph_library(signal DESCRIPTION "WebRTC signaling as a machine without I/O")

install(EXPORT heliograph NAMESPACE heliograph:: FILE heliographTargets.cmake
        DESTINATION "${HELIOGRAPH_PACKAGE_DIR}" COMPONENT development)
get_property(HELIOGRAPH_COMPONENTS GLOBAL PROPERTY HELIOGRAPH_COMPONENTS)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/heliographConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/heliographConfig.cmake"
  INSTALL_DESTINATION "${HELIOGRAPH_PACKAGE_DIR}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/heliographConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/heliographConfig.cmake"
              "${PROJECT_BINARY_DIR}/heliographConfigVersion.cmake"
        DESTINATION "${HELIOGRAPH_PACKAGE_DIR}" COMPONENT development)
