# Writes the C++ source that holds files as bytes.
#
#   cmake -D OUTPUT=<file.cpp> -D ROOT=<folder> -D "FILES=<a;b>" -P EmbedFiles.cmake
#
# Each file becomes an entry {path relative to ROOT, content} of heliograph::server::kEmbeddedFiles.
set(arrays "")
set(entries "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr std::uint8_t kFile${number}[] = {\n${bytes}};\n")
  string(APPEND entries "    {\"${file}\", kFile${number}},\n")
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
file(REMOVE "${OUTPUT}.new")
