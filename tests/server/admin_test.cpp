#include "server/admin.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/socket.hpp"

namespace heliograph::server {
namespace {

constexpr net::PollToken kListener = 7;
constexpr std::string_view kDrain =
    "POST /admin/drain HTTP/1.1\r\nHost: localhost\r\nX-Heliograph-Admin: 1\r\n\r\n";

// Over a Unix socket, where what was sent has arrived.
class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    std::string name = std::filesystem::temp_directory_path() / "heliograph-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    address_.path = folder_ / "socket";
    listener_.emplace(address_);
    node_.options = &options_;
    admin_.emplace(address_, *listener_, poller_, kListener, node_, std::vector<const Metrics*>{},
                   pulse_);
  }
  ~AdminTest() override { std::filesystem::remove_all(folder_); }

  net::FileDescriptor connect() {
    net::FileDescriptor client = net::connect(listener_->listener().local()).value();
    turn();
    return client;
  }

  // As the main thread does it.
  std::size_t turn() {
    const auto ready = poller_.wait(0);
    for (const net::Ready& one : ready) admin_->on_ready(one);
    return ready.size();
  }

  std::filesystem::path folder_;
  AdminAddress address_;
  std::optional<AdminListener> listener_;
  net::Poller poller_;
  Options options_;
  Worker::Node node_;
  Pulse pulse_{0, kNever};
  std::optional<Admin> admin_;
};

TEST_F(AdminTest, TwoWhoAskToDrainInOneTurnAreBothHeard) {
  const auto one = connect();
  const auto other = connect();
  EXPECT_TRUE(net::send(one.get(), as_bytes(kDrain)));
  EXPECT_TRUE(net::send(other.get(), as_bytes(kDrain)));
  EXPECT_EQ(turn(), 2U);
  EXPECT_TRUE(admin_->take_drain());
  EXPECT_FALSE(admin_->take_drain());
}

TEST_F(AdminTest, WhoAsksAgainLaterBeginsNoOtherDrain) {
  const auto client = connect();
  EXPECT_TRUE(net::send(client.get(), as_bytes(kDrain)));
  turn();
  EXPECT_TRUE(admin_->take_drain());
  EXPECT_TRUE(net::send(client.get(), as_bytes(kDrain)));
  EXPECT_EQ(turn(), 1U);
  EXPECT_FALSE(admin_->take_drain());
}

}  // namespace
}  // namespace heliograph::server
