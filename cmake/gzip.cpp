// Compresses a file for cmake/EmbedFiles.cmake: the same bytes make the same bytes, without a name
// or a time in them.
//
//   gzip <file> <compressed file>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include <zlib.h>

namespace {

// Of the gzip format (RFC 1952) rather than zlib's own, with the largest window.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMaxMemory = 9;
// RFC 1952 section 2.3.1: OS 255 is unknown.
constexpr int kUnknownSystem = 255;

using Bytes = std::vector<Bytef>;

Bytes compressed(Bytes& plain) {
  z_stream stream{};
  gz_header header{};
  header.os = kUnknownSystem;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMaxMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  deflateSetHeader(&stream, &header);
  Bytes output(deflateBound(&stream, plain.size()));
  stream.next_in = plain.data();
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = output.data();
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
  Bytes plain{std::istreambuf_iterator<char>(input), {}};
  const Bytes output = compressed(plain);
  std::ofstream file(arguments[2], std::ios::binary);
  std::ranges::copy(output, std::ostreambuf_iterator<char>(file));
  file.flush();
  if (input && !output.empty() && file) return 0;
  std::cerr << "gzip: cannot compress " << arguments[1] << " into " << arguments[2] << '\n';
  return 74;
}
