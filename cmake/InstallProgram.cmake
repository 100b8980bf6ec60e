# The program as it is installed: with its manual page, completions, configuration and unit.

include(GNUInstallDirs)

install(TARGETS heliograph RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)

# What the program says about itself.
set(said "${PROJECT_BINARY_DIR}/said")
file(MAKE_DIRECTORY "${said}")
function(heliograph_says file destination)
  add_custom_command(
    OUTPUT "${said}/${file}"
    COMMAND heliograph ${ARGN} > "${said}/${file}"
    DEPENDS heliograph
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY HELIOGRAPH_SAID "${said}/${file}")
  install(FILES "${said}/${file}" DESTINATION "${destination}" COMPONENT program)
endfunction()
heliograph_says(heliograph.1 "${CMAKE_INSTALL_MANDIR}/man1" manual)
heliograph_says(heliograph "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" completion bash)
heliograph_says(_heliograph "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" completion zsh)
heliograph_says(heliograph.fish "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)
# Every key with its default.
heliograph_says(heliograph.toml "${CMAKE_INSTALL_DOCDIR}/examples" help serve --toml)
get_property(files GLOBAL PROPERTY HELIOGRAPH_SAID)
add_custom_target(said ALL DEPENDS ${files})

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md"
              "${PROJECT_SOURCE_DIR}/SECURITY.md" "${PROJECT_SOURCE_DIR}/docs/configuration.md"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)
install(FILES "${PROJECT_SOURCE_DIR}/dist/heliograph.socket"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT program)
install(FILES "${PROJECT_SOURCE_DIR}/dist/heliograph.sysusers"
        DESTINATION lib/sysusers.d RENAME heliograph.conf COMPONENT program)

# Where these lie depends on the prefix, and that is known when they are installed.
install(CODE "
  set(source \"${PROJECT_SOURCE_DIR}/dist\")
  set(binary \"${PROJECT_BINARY_DIR}/installed\")
  set(bindir \"${CMAKE_INSTALL_BINDIR}\")
  include(\"${PROJECT_SOURCE_DIR}/cmake/InstallService.cmake\")
" COMPONENT program)
