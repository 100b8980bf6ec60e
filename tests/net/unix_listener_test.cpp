#include "net/unix_listener.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "net/socket.hpp"

namespace heliograph::net {
namespace {

class UnixListenerTest : public ::testing::Test {
 protected:
  UnixListenerTest() {
    std::string name = std::filesystem::temp_directory_path() / "heliograph-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "socket";
  }
  ~UnixListenerTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] bool answers() const {
    return connect(unix_endpoint(path_.string()).value()).has_value();
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(UnixListenerTest, OnlyTheOwnerMayConnectWhateverTheMaskIs) {
  const mode_t mask = ::umask(0);
  const UnixListener listener(path_);
  ::umask(mask);
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_TRUE(answers());
}

TEST_F(UnixListenerTest, TheSocketGoesWithTheListener) {
  {
    const UnixListener listener(path_);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, ASocketThatIsListenedOnIsLeftAlone) {
  const UnixListener first(path_);
  EXPECT_THROW(const UnixListener second(path_), std::system_error);
  EXPECT_TRUE(answers());
}

TEST_F(UnixListenerTest, ASocketThatWasLeftBehindIsReplaced) {
  const Endpoint endpoint = unix_endpoint(path_.string()).value();
  {
    const Listener left_behind(endpoint, false);
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  const UnixListener listener(path_);
  EXPECT_TRUE(answers());
}

TEST_F(UnixListenerTest, AFileIsLeftAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_THROW(const UnixListener listener(path_), std::system_error);
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

}  // namespace
}  // namespace heliograph::net
