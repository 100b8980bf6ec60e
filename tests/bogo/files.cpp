#include "tests/bogo/files.hpp"

#include <fstream>
#include <iterator>

#include "tests/bogo/outcome.hpp"

namespace heliograph::bogo {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{"cannot read " + path};
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace heliograph::bogo
