# What Debian wants to find in /usr/share/doc of every package. cpack runs this when everything is
# in its place, just before the packages are made.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER "${component}" upper)
  set(package "${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
  set(share "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share")
  set(documentation "${share}/doc/${package}")
  file(MAKE_DIRECTORY "${documentation}")
  configure_file("${CPACK_HELIOGRAPH_SOURCE}/LICENSE" "${documentation}/copyright" COPYONLY)
  file(REMOVE "${documentation}/LICENSE")
  configure_file("${CPACK_HELIOGRAPH_SOURCE}/CHANGELOG.md" "${documentation}/changelog" COPYONLY)
  file(WRITE "${documentation}/changelog.Debian"
"heliograph (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Packaged by the project itself; what has changed is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  file(GLOB pages "${share}/man/man1/*.1")
  execute_process(
    COMMAND gzip -9n "${documentation}/changelog" "${documentation}/changelog.Debian" ${pages}
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
