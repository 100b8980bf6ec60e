// The HTTP/1.1 head machine: takes one head off the front of a byte stream (RFC 9112 section 2.2).
//
// receive() consumes a head up to and including its blank line. The bytes behind it stay in
// `input`: they belong to whatever protocol comes next. A head that arrives in pieces is kept in a
// spill; one that arrives whole is read where it lies. After an error the machine discards.
#pragma once

#include <optional>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/error.hpp"
#include "http/head.hpp"
#include "http/scanner.hpp"

namespace heliograph::http {

template <class Head>
class HeadParser {
 public:
  // Nothing means that `input` was used up and more is needed. A head's views are valid until the
  // next call and as long as the bytes of `input` stay where they are.
  Result<std::optional<Head>, Error> receive(MutableBytes& input);

  // Nothing of a further head has arrived, so that the stream may end here.
  [[nodiscard]] bool idle() const { return delivered_ || scanner_.scanned() == 0; }

 private:
  std::unexpected<Error> refuse(Error error, MutableBytes& input);

  Buffer spill_;
  std::vector<Field> fields_;
  HeadScanner scanner_;
  bool delivered_ = false;
  bool refused_ = false;
};

using RequestParser = HeadParser<RequestHead>;
using ResponseParser = HeadParser<ResponseHead>;

static_assert(sizeof(RequestParser) <= 72);

extern template class HeadParser<RequestHead>;
extern template class HeadParser<ResponseHead>;

}  // namespace heliograph::http
