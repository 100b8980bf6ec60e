#include "tls/distinguished_names.hpp"

#include "base/reader.hpp"

namespace heliograph::tls {

void write_distinguished_names(std::span<const std::vector<std::uint8_t>> names, Buffer& out) {
  const LengthPrefix<2> list(out);
  for (const std::vector<std::uint8_t>& name : names) {
    const LengthPrefix<2> length(out);
    out.append(name);
  }
}

Result<std::vector<Bytes>, Error> parse_distinguished_names(Bytes data) {
  Reader outer(data);
  Reader list(outer.vector16());
  if (!outer.done() || list.empty()) return fail(Error::kMalformedExtension);
  std::vector<Bytes> names;
  while (!list.empty()) {
    names.push_back(list.vector16());
    if (!list.ok() || names.back().empty()) return fail(Error::kMalformedExtension);
  }
  return names;
}

}  // namespace heliograph::tls
