#include "ws/deflate_negotiation.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/head.hpp"

namespace heliograph::ws {
namespace {

// What a server that would like `wanted` answers to the offers; empty if it declines.
std::string answer(const std::vector<std::string>& offers, const DeflateParameters& wanted = {}) {
  std::vector<http::Field> fields = {{"Host", "x"}};
  for (const std::string& offer : offers) fields.push_back({"sec-websocket-extensions", offer});
  const auto agreement =
      choose_deflate(http::Fields(fields).joined("Sec-WebSocket-Extensions"), wanted);
  return agreement ? agreement->field_value : "";
}

constexpr std::string_view kName = "permessage-deflate";

// RFC 7692 section 7.1, with the examples of 7.1.3.
TEST(DeflateNegotiation, TheServerAnswersWhatItWasOffered) {
  EXPECT_EQ(answer({"permessage-deflate"}), kName);
  EXPECT_EQ(answer({"permessage-deflate; client_max_window_bits"}), kName);
  EXPECT_EQ(answer({"permessage-deflate; client_max_window_bits; server_max_window_bits=10"}),
            "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(answer({"permessage-deflate; server_no_context_takeover"}),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer({"permessage-deflate; client_no_context_takeover"}),
            "permessage-deflate; client_no_context_takeover");
  EXPECT_EQ(answer({R"(permessage-deflate; server_max_window_bits="12")"}),
            "permessage-deflate; server_max_window_bits=12");
}

TEST(DeflateNegotiation, TheServerAsksForWhatItWants) {
  const DeflateParameters small{.server_no_context_takeover = true,
                                .client_no_context_takeover = true,
                                .server_max_window_bits = 10,
                                .client_max_window_bits = 11};
  EXPECT_EQ(answer({"permessage-deflate"}, small),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10");
  EXPECT_EQ(answer({"permessage-deflate; client_max_window_bits=9"}, small),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10; client_max_window_bits=9");
}

TEST(DeflateNegotiation, AnOfferThatIsNotUnderstoodIsDeclinedAndTheNextTried) {
  for (const std::string_view parameter :
       {"unknown", "server_no_context_takeover=1",
        "client_no_context_takeover; client_no_context_takeover", "server_max_window_bits",
        "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=010",
        "server_max_window_bits=-9", "server_max_window_bits=9x", "client_max_window_bits=7",
        "client_max_window_bits; client_max_window_bits", "server_max_window_bits=8"}) {
    const std::string offer = std::string(kName) + "; " + std::string(parameter);
    EXPECT_EQ(answer({offer}), "") << offer;
    EXPECT_EQ(answer({offer + ", permessage-deflate"}), kName) << offer;
    EXPECT_EQ(answer({offer, "permessage-deflate"}), kName) << offer;
  }
  EXPECT_EQ(answer({}), "");
  EXPECT_EQ(answer({"x-webkit-deflate-frame"}), "");
  EXPECT_EQ(answer({"Permessage-Deflate"}), "");
  EXPECT_EQ(answer({"permessage-deflate", "permessage-deflate;"}), "");
}

DeflateAnswer read(std::string_view value, const std::optional<DeflateParameters>& offered) {
  return read_deflate_answer(value, offered);
}

TEST(DeflateNegotiation, TheClientReadsTheAnswer) {
  const DeflateParameters any;
  const DeflateAnswer plain = read("permessage-deflate", any);
  EXPECT_TRUE(plain.valid);
  EXPECT_EQ(plain.parameters, any);
  const DeflateAnswer full = read(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
      "server_max_window_bits=9; client_max_window_bits=10",
      any);
  EXPECT_EQ(full.parameters, (DeflateParameters{true, true, 9, 10}));
  const DeflateAnswer none = read("", any);
  EXPECT_TRUE(none.valid);
  EXPECT_EQ(none.parameters, std::nullopt);
}

TEST(DeflateNegotiation, TheClientTakesTheSmallestWindowThatThereIs) {
  const DeflateAnswer smallest = read("permessage-deflate; client_max_window_bits=8", {{}});
  EXPECT_TRUE(smallest.valid);
  EXPECT_EQ(smallest.parameters, (DeflateParameters{.client_max_window_bits = 8}));
}

TEST(DeflateNegotiation, TheClientRefusesWhatItHasNotOffered) {
  EXPECT_FALSE(read("permessage-deflate", std::nullopt).valid);
  for (const std::string_view value :
       {"x-other", "permessage-deflate, permessage-deflate", "permessage-deflate; unknown",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate;"}) {
    EXPECT_FALSE(read(value, DeflateParameters{}).valid) << value;
  }
  const DeflateParameters small{.server_no_context_takeover = true,
                                .server_max_window_bits = 10,
                                .client_max_window_bits = 10};
  EXPECT_FALSE(read("permessage-deflate; server_max_window_bits=10", small).valid);
  EXPECT_FALSE(read("permessage-deflate; server_no_context_takeover", small).valid);
  EXPECT_FALSE(read("permessage-deflate; server_no_context_takeover; server_max_window_bits=10; "
                    "client_max_window_bits=11",
                    small)
                   .valid);
  EXPECT_TRUE(
      read("permessage-deflate; server_no_context_takeover; server_max_window_bits=9", small)
          .valid);
}

TEST(DeflateNegotiation, TheOfferSaysWhatTheClientWants) {
  EXPECT_EQ(offer_deflate({}), "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(offer_deflate({true, true, 10, 9}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10; client_max_window_bits=9");
}

}  // namespace
}  // namespace heliograph::ws
