// A reply and the bytes that it views.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "resp/parser.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

class Parsed {
 public:
  // The test fails if `stream` does not begin with a whole reply.
  explicit Parsed(std::string_view stream) : bytes_(stream.begin(), stream.end()) {
    MutableBytes input = bytes_;
    const auto reply = parser_.receive(input);
    if (reply && *reply) {
      reply_ = **reply;
    } else {
      ADD_FAILURE() << stream;
    }
  }
  const Reply& operator*() const { return reply_; }
  const Reply* operator->() const { return &reply_; }

 private:
  std::vector<std::uint8_t> bytes_;
  Parser parser_;
  Reply reply_;
};

}  // namespace heliograph::resp
