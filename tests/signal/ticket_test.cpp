#include "signal/ticket.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

constexpr const char* kCurrent =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
constexpr const char* kPrevious = "MTIzNDU2Nzg5MGFiY2RlZg==\n";  // 1234567890abcdef

// Python: base64url of hmac.new(bytes(range(32)), b"YWxpY2U.1700000000.bm9uY2U", "sha256")
constexpr const char* kTicket =
    "YWxpY2U.1700000000.bm9uY2U.w42NHrdAtYfgbN-mIkZWrGZUkaPxv0gb-3ZNPxiEjl4";
constexpr const char* kPreviousTicket =
    "YWxpY2U.1700000000.bm9uY2U.oPC5BKPVftO56rmrGpVsmM81-krvnmHB8Lfjq7Tiq2w";

LoginKeys keys(const std::string& text) {
  return LoginKeys::parse(text).value();
}

TEST(Ticket, IsWhatAnotherImplementationMakes) {
  const LoginKeys current = keys(kCurrent);
  EXPECT_EQ(current.make("alice", 1'700'000'000, as_bytes("nonce")), kTicket);
  EXPECT_EQ(current.verify(kTicket, 1'699'999'999), "alice");
}

TEST(Ticket, HoldsUntilTheSecondOfItsExpiry) {
  const LoginKeys current = keys(kCurrent);
  EXPECT_EQ(current.verify(kTicket, 1'699'999'999), "alice");
  EXPECT_EQ(current.verify(kTicket, 1'700'000'000), fail(TicketError::kExpired));
}

TEST(Ticket, OfThePreviousKeyStillCounts) {
  EXPECT_EQ(keys(std::string(kCurrent) + kPrevious).verify(kPreviousTicket, 0), "alice");
  EXPECT_EQ(keys(kCurrent).verify(kPreviousTicket, 0), fail(TicketError::kForged));
  EXPECT_EQ(keys(std::string(kPrevious) + kCurrent).make("alice", 1'700'000'000, as_bytes("nonce")),
            kPreviousTicket);
}

TEST(Ticket, WithAnyCharacterChangedIsNone) {
  const LoginKeys current = keys(kCurrent);
  const std::string ticket = kTicket;
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    for (const char other : {'A', 'b', '7', '.', '-'}) {
      std::string changed = ticket;
      changed[i] = other;
      if (changed == ticket) continue;
      EXPECT_FALSE(current.verify(changed, 0)) << changed;
    }
  }
}

TEST(Ticket, CutOrPrefixedIsNone) {
  const LoginKeys current = keys(kCurrent);
  const std::string ticket = kTicket;
  for (std::size_t size = 0; size < ticket.size(); ++size) {
    EXPECT_FALSE(current.verify(ticket.substr(0, size), 0)) << size;
  }
  for (const std::string& bad :
       {ticket + ".", ticket + "=", "." + ticket, " " + ticket, ticket + "\n",
        std::string("YWxpY2U.-1700000000.bm9uY2U.AAAA"), std::string("YWxpY2U.+1.bm9uY2U.AAAA"),
        std::string("YWxpY2U.99999999999999999999.bm9uY2U.AAAA"),
        std::string("YWxpY2U..bm9uY2U.AAAA"), std::string("...")}) {
    EXPECT_EQ(current.verify(bad, 0), fail(TicketError::kMalformed)) << bad;
  }
}

TEST(Ticket, WithALongerMacIsForged) {
  EXPECT_EQ(keys(kCurrent).verify(std::string(kTicket) + "A", 0), fail(TicketError::kForged));
}

TEST(Ticket, MayHave512BytesAndNotMore) {
  const LoginKeys current = keys(kCurrent);
  // 128 bytes of user are 171 characters, the time is 10, the MAC 43, and there are three dots.
  const std::string user(128, 'u');
  const std::vector<std::uint8_t> nonce(213, 7);  // 284 characters
  const std::string fits = current.make(user, 1'700'000'000, nonce);
  ASSERT_EQ(fits.size(), kMaxTicketSize - 1);
  EXPECT_EQ(current.verify(fits, 0), user);
  const std::string fills = current.make(user, 17'000'000'000, nonce);
  ASSERT_EQ(fills.size(), kMaxTicketSize);
  EXPECT_EQ(current.verify(fills, 0), user);
  const std::string too_long = current.make(user, 170'000'000'000, nonce);
  EXPECT_EQ(current.verify(too_long, 0), fail(TicketError::kMalformed));
}

TEST(Ticket, KeysAreOneOrTwoLines) {
  EXPECT_TRUE(LoginKeys::parse(kCurrent));
  EXPECT_TRUE(LoginKeys::parse(std::string("# made in May\n\n  ") + kCurrent + "\r\n" + kPrevious));
  for (const std::string& bad :
       {std::string(), std::string("\n# nothing\n"), std::string("not a key!"),
        std::string("0001020304050607080910111213"),  // 14 bytes
        std::string(kCurrent) + kPrevious + kCurrent, std::string(kCurrent) + "short"}) {
    EXPECT_FALSE(LoginKeys::parse(bad)) << bad;
  }
}

TEST(Ticket, KeysOf16BytesAreLongEnough) {
  EXPECT_TRUE(LoginKeys::parse(std::string(32, 'a')));
  EXPECT_FALSE(LoginKeys::parse(std::string(30, 'a')));
}

TEST(Ticket, EveryErrorHasAText) {
  for (const TicketError error :
       {TicketError::kMalformed, TicketError::kForged, TicketError::kExpired}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

}  // namespace
}  // namespace heliograph::signal
