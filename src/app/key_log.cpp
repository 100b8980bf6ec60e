#include "app/key_log.hpp"

#include <cerrno>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/exit_status.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::app {
namespace {

struct Sink {
  std::mutex mutex;
  net::FileDescriptor file;
};

}  // namespace

tls::KeyLog open_key_log(const std::string& path) {
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  auto sink = std::make_shared<Sink>();
  sink->file = net::FileDescriptor(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!sink->file.valid() || ::fchmod(sink->file.get(), kOwnerOnly) != 0) {
    throw Failure(EX_CANTCREAT, "cannot write the key log file '" + path +
                                    "': " + std::system_category().message(errno));
  }
  return [sink](std::string_view line) {
    const std::string whole = std::string(line).append("\n");
    const std::lock_guard lock(sink->mutex);
    // A debugging aid that fills the disk must not end the service.
    [[maybe_unused]] const ssize_t written = ::write(sink->file.get(), whole.data(), whole.size());
  };
}

}  // namespace heliograph::app
