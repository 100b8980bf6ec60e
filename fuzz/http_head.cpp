// HTTP heads: the result does not depend on how the bytes were cut, a head that was read obeys its
// own rules, and everything behind the blank line is left.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/head.hpp"
#include "http/parser.hpp"
#include "http/text.hpp"
#include "require.hpp"

namespace heliograph::http {
namespace {

struct Outcome {
  std::string start_line;
  std::vector<std::string> fields;
  std::optional<Error> error;
  std::size_t consumed = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::string start_line(const RequestHead& head) {
  require(is_token(head.method));
  require(!head.target.empty() && !head.path().empty());
  require(head.fields.count("host") <= 1);
  return std::string(head.method) + ' ' + std::string(head.target);
}

std::string start_line(const ResponseHead& head) {
  require(head.status >= 100 && head.status <= 599);
  return std::to_string(head.status) + ' ' + std::string(head.reason);
}

template <class Head>
Outcome read(Bytes bytes, std::size_t segment_size) {
  HeadParser<Head> parser;
  Outcome outcome;
  while (outcome.consumed < bytes.size()) {
    const Bytes rest = bytes.subspan(outcome.consumed);
    const Bytes next = rest.first(std::min(segment_size, rest.size()));
    std::vector<std::uint8_t> segment(next.begin(), next.end());
    MutableBytes input(segment);
    const auto head = parser.receive(input);
    if (!head) {
      outcome.error = head.error();
      outcome.consumed = 0;
      return outcome;
    }
    outcome.consumed += segment.size() - input.size();
    if (!*head) {
      require(input.empty());
      continue;
    }
    require(outcome.consumed <= kMaxHeadSize);
    outcome.start_line = start_line(**head);
    for (const Field& field : (*head)->fields.all()) {
      require(is_token(field.name));
      require(trimmed(field.value) == field.value);
      require(field.value.find_first_of("\r\n") == std::string_view::npos);
      outcome.fields.push_back(std::string(field.name) + ": " + std::string(field.value));
    }
    require(outcome.fields.size() <= kMaxFields);
    return outcome;
  }
  return outcome;
}

template <class Head>
void check(Bytes bytes, std::size_t segment_size) {
  const Outcome whole = read<Head>(bytes, bytes.size());
  require(read<Head>(bytes, segment_size) == whole);
  require(read<Head>(bytes, 1) == whole);
}

}  // namespace
}  // namespace heliograph::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heliograph::http;  // NOLINT(google-build-using-namespace)
  if (size < 2) return 0;
  const heliograph::Bytes bytes(data + 1, size - 1);
  const std::size_t segment_size = data[0] % 64U + 1;
  check<RequestHead>(bytes, segment_size);
  check<ResponseHead>(bytes, segment_size);
  return 0;
}
