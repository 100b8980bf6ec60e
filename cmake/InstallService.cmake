# Installs unit and configuration with the paths that follow from the prefix. Runs as part of the
# installation, with `source`, `binary` (a folder for what is made) and `bindir` set.
set(BINDIR "${CMAKE_INSTALL_PREFIX}/${bindir}")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(SYSCONFDIR /etc)
else()
  set(SYSCONFDIR "${CMAKE_INSTALL_PREFIX}/etc")
endif()
configure_file("${source}/heliograph.service.in" "${binary}/heliograph.service" @ONLY)
configure_file("${source}/heliograph.toml.in" "${binary}/heliograph.toml" @ONLY)
file(INSTALL "${binary}/heliograph.service"
     DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
file(INSTALL "${binary}/heliograph.toml" DESTINATION "${SYSCONFDIR}/heliograph")
