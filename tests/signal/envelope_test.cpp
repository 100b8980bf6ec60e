#include "signal/envelope.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

TEST(OwnedEnvelope, OutlivesWhatItWasMadeFrom) {
  std::string from = "alice";
  std::string to = "bob";
  std::string body = "{\"sdp\":1}";
  const Address address = {.node = 1, .worker = 2, .connection = 3};
  const OwnedEnvelope owned({.kind = Envelope::Kind::kOffer,
                             .offer_number = 7,
                             .from = from,
                             .to = to,
                             .body = body,
                             .from_address = address});
  from = to = body = "overwritten";
  OwnedEnvelope copy = owned;
  const Envelope view = copy.view();
  EXPECT_EQ(view.kind, Envelope::Kind::kOffer);
  EXPECT_EQ(view.offer_number, 7U);
  EXPECT_EQ(view.from, "alice");
  EXPECT_EQ(view.to, "bob");
  EXPECT_EQ(view.body, "{\"sdp\":1}");
  EXPECT_EQ(view.from_address, address);
}

TEST(OwnedEnvelope, AnAbsentBodyStaysAbsent) {
  const OwnedEnvelope owned({.kind = Envelope::Kind::kLeave,
                             .offer_number = 0,
                             .from = "alice",
                             .to = "bob",
                             .body = std::nullopt,
                             .from_address = {}});
  EXPECT_EQ(owned.view().body, std::nullopt);
  EXPECT_EQ(owned.view().to, "bob");
}

TEST(OwnedEnvelope, KeepsTheCallApartFromTheBody) {
  const OwnedEnvelope owned({.kind = Envelope::Kind::kLeave,
                             .offer_number = 0,
                             .from = "alice",
                             .to = "bob",
                             .body = "1",
                             .from_address = {},
                             .call = "c1",
                             .gone = true});
  EXPECT_EQ(owned.view().call, "c1");
  EXPECT_EQ(owned.view().body, "1");
  EXPECT_TRUE(owned.view().gone);
}

}  // namespace
}  // namespace heliograph::signal
