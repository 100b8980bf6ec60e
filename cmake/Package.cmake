# Debian packages, made by `cpack`: heliograph, and libheliograph-dev with the libraries.

set(HELIOGRAPH_MAINTAINER "unnamed maintainer <maintainer@heliograph.invalid>" CACHE STRING
    "Who answers for the Debian packages that are built here: NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${HELIOGRAPH_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME heliograph)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"Two people open a page, log in with a name and a password, and call each other
by name; heliograph carries the offers, answers and ICE candidates that their
browsers need to connect directly. It speaks WebSocket over TLS 1.3, and keeps
its users in a file or in Redis.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS redis-server)
set(debian "${PROJECT_SOURCE_DIR}/dist/debian")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    "${debian}/conffiles" "${debian}/postinst" "${debian}/prerm" "${debian}/postrm")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libheliograph-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"The protocols alone, as static libraries and headers in C++23: TLS 1.3,
HTTP/1.1 heads, WebSocket, RESP2 and RESP3, and the signaling. Bytes go in,
events and bytes come out; sockets, clocks and threads are the caller's. With
files for CMake and pkg-config.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libssl-dev, zlib1g-dev, libsimdjson-dev")

set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/DebianDocumentation.cmake")
set(CPACK_HELIOGRAPH_SOURCE "${PROJECT_SOURCE_DIR}")
include(CPack)
