# Writes the C++ source that holds files as bytes.
#
#   cmake -D OUTPUT=<file.cpp> -D ROOT=<folder> -D "FILES=<a;b>" -D GZIP=<program> -P EmbedFiles.cmake
#
# Each file becomes an entry of heliograph::server::embedded_files(): its path relative to ROOT, its
# content and the same compressed, and an entity-tag for either.
function(read_bytes file bytes tag)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  set(${bytes} "${hex}" PARENT_SCOPE)
  file(SHA256 "${file}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)
  set(${tag} "\"\\\"${hash}\\\"\"" PARENT_SCOPE)
endfunction()

set(arrays "")
set(entries "")
set(number 0)
foreach(file IN LISTS FILES)
  execute_process(COMMAND "${GZIP}" "${ROOT}/${file}" "${OUTPUT}.gz" COMMAND_ERROR_IS_FATAL ANY)
  read_bytes("${ROOT}/${file}" content content_tag)
  read_bytes("${OUTPUT}.gz" gzip gzip_tag)
  string(APPEND arrays "constexpr std::uint8_t kContent${number}[] = {\n${content}};\n"
                       "constexpr std::uint8_t kGzip${number}[] = {\n${gzip}};\n")
  string(APPEND entries "    {\"${file}\", {kContent${number}, ${content_tag}},\n"
                        "     {kGzip${number}, ${gzip_tag}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}.new" "#include \"server/embedded_files.hpp\"

namespace heliograph::server {
namespace {
${arrays}
constexpr EmbeddedFile kFiles[] = {
${entries}};
}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

}  // namespace heliograph::server
")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUTPUT}.new" "${OUTPUT}.gz")
