// Compresses a file for cmake/EmbedFiles.cmake: the same bytes make the same bytes, without a name
// or a time in them.
//
//   gzip <file> <compressed file>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <zlib.h>

namespace {

// Of the gzip format (RFC 1952) rather than zlib's own, with the largest window.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMaxMemory = 9;
// RFC 1952 section 2.3.1: OS 255 is unknown.
constexpr int kUnknownSystem = 255;

std::string compressed(std::string& plain) {
  z_stream stream{};
  gz_header header{};
  header.os = kUnknownSystem;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMaxMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  deflateSetHeader(&stream, &header);
  std::string output(deflateBound(&stream, plain.size()), '\0');
  // zlib's interface is one of unsigned characters.
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.avail_out = static_cast<uInt>(output.size());
  const bool finished = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  output.resize(finished ? stream.total_out : 0);
  deflateEnd(&stream);
  return output;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 64;
  std::ifstream input(arguments[1], std::ios::binary);
  std::string plain{std::istreambuf_iterator<char>(input), {}};
  const std::string output = compressed(plain);
  std::ofstream file(arguments[2], std::ios::binary);
  file << output << std::flush;
  if (input && !output.empty() && file) return 0;
  std::cerr << "gzip: cannot compress " << arguments[1] << " into " << arguments[2] << '\n';
  return 74;
}
