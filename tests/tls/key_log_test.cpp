#include "tls/key_log.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/pair.hpp"
#include "tls/early_data.hpp"

namespace heliograph::tls {
namespace {

using test::Octets;

TEST(KeyLog, WritesLinesOfThreeFields) {
  std::string logged;
  const Octets random(32, 0xab);
  log_secret([&logged](std::string_view line) { logged = line; }, "LABEL", random,
             crypto::Secret(Octets{0x01, 0xff}));
  std::string wanted = "LABEL ";
  for (int i = 0; i < 32; ++i) wanted += "ab";
  EXPECT_EQ(logged, wanted + " 01ff");
}

TEST(KeyLog, OfNobodyTakesNothing) {
  EXPECT_NO_THROW(log_secret({}, "LABEL", {}, crypto::Secret(Octets{1})));
}

// RFC 9850 section 1: one label for each secret.
TEST(KeyLog, HasEverySecretOfAConnectionWithEarlyData) {
  ServerConfig server = test::config_with_tickets();
  server.max_early_data_size = 100;
  server.replay_guard = std::make_shared<MemoryReplayGuard>(10, 0);
  ClientConfig client = test::default_client_config();
  client.early_data = true;
  const auto session = test::make_session(client, server);

  std::vector<std::string> of_client;
  std::vector<std::string> of_server;
  const auto first_word_into = [](std::vector<std::string>& words) {
    return [&words](std::string_view line) { words.emplace_back(line.substr(0, line.find(' '))); };
  };
  client.key_log = first_word_into(of_client);
  server.key_log = first_word_into(of_server);
  test::Pair pair(client, server, session);
  ASSERT_TRUE(pair.run());
  const std::vector<std::string> wanted = {
      "CLIENT_EARLY_TRAFFIC_SECRET",     "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
      "SERVER_TRAFFIC_SECRET_0",         "EXPORTER_SECRET"};
  EXPECT_EQ(of_client, wanted);
  EXPECT_EQ(of_server, wanted);
}

}  // namespace
}  // namespace heliograph::tls
