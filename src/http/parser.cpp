#include "http/parser.hpp"

#include <type_traits>

namespace heliograph::http {

namespace {

template <class Head>
Result<Head, Error> parse_head(Bytes head, std::vector<Field>& storage) {
  if constexpr (std::is_same_v<Head, RequestHead>) {
    return parse_request_head(head, storage);
  } else {
    return parse_response_head(head, storage);
  }
}

}  // namespace

template <class Head>
Result<std::optional<Head>, Error> HeadParser<Head>::receive(MutableBytes& input) {
  if (refused_) {
    input = {};
    return std::nullopt;
  }
  if (delivered_) {
    spill_.release();
    scanner_ = {};
    delivered_ = false;
  }
  const auto end = scanner_.scan(input);
  if (!end) return refuse(end.error(), input);
  if (!*end) {
    spill_.append(take_front(input, input.size()));
    return std::nullopt;
  }
  Bytes bytes = take_front(input, **end);
  if (!spill_.empty()) {
    spill_.append(bytes);
    bytes = spill_.bytes();
  }
  const Result<Head, Error> head = parse_head<Head>(bytes, fields_);
  if (!head) return refuse(head.error(), input);
  delivered_ = true;
  return *head;
}

template <class Head>
std::unexpected<Error> HeadParser<Head>::refuse(Error error, MutableBytes& input) {
  refused_ = true;
  spill_.release();
  input = {};
  return fail(error);
}

template class HeadParser<RequestHead>;
template class HeadParser<ResponseHead>;

}  // namespace heliograph::http
