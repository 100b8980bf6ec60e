#include "signal/turn.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

TEST(Turn, CredentialsAreThoseOfCoturn) {
  // printf '%s' 1700000000:alice | openssl dgst -sha1 -hmac north -binary | base64
  const crypto::HmacKey secret(crypto::HashAlgorithm::kSha1, as_bytes("north"));
  const TurnCredential credential = make_turn_credential(secret, "alice", 1'700'000'000);
  EXPECT_EQ(credential.username, "1700000000:alice");
  EXPECT_EQ(credential.credential, "Cd/49soE35ICqcJF/bCTn8Z4OyE=");
}

TEST(Turn, ServersAreGivenAsBrowsersTakeThem) {
  const auto servers =
      IceServers::make({"stun:stun.example.org", "turn:turn.example.org:3478?transport=udp",
                        "turns:turn.example.org"},
                       as_bytes("north"), 3600);
  ASSERT_TRUE(servers);
  EXPECT_EQ(servers->json("alice", 1'699'996'400),
            R"([{"urls":["stun:stun.example.org"]},)"
            R"({"urls":["turn:turn.example.org:3478?transport=udp","turns:turn.example.org"],)"
            R"("username":"1700000000:alice","credential":"Cd/49soE35ICqcJF/bCTn8Z4OyE="}])");
  EXPECT_EQ(servers->ttl(), 3600);
}

TEST(Turn, StunAloneNeedsNoSecretAndNeverExpires) {
  const auto servers = IceServers::make({"stun:a", "stuns:b"}, std::nullopt, 3600);
  ASSERT_TRUE(servers);
  EXPECT_EQ(servers->json("alice", 1), R"([{"urls":["stun:a","stuns:b"]}])");
  EXPECT_EQ(servers->ttl(), 0);
}

TEST(Turn, ServersNeedASecretThatIsNotEmpty) {
  EXPECT_FALSE(IceServers::make({"turn:a"}, std::nullopt, 3600));
  EXPECT_FALSE(IceServers::make({"turn:a"}, Bytes(), 3600));
  EXPECT_TRUE(IceServers::make({"turn:a"}, as_bytes("s"), 3600));
}

TEST(Turn, OtherUrlsAreRefused) {
  for (const char* url : {"", "stun", "stun:", "turn://a", "http://a", "turnx:a", "turn:a b",
                          "turn:user@a", "stun:a\"", "STUN:a"}) {
    EXPECT_FALSE(IceServers::make({url}, as_bytes("s"), 3600)) << url;
  }
}

TEST(Turn, NamesAreEscaped) {
  const auto servers = IceServers::make({"turn:a"}, as_bytes("s"), 10);
  EXPECT_NE(servers->json("\"\\", 0).find(R"("username":"10:\"\\")"), std::string::npos);
}

}  // namespace
}  // namespace heliograph::signal
