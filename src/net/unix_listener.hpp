// A listening Unix socket that only its owner may connect to.
#pragma once

#include <string>

#include "net/listener.hpp"

namespace heliograph::net {

class UnixListener {
 public:
  // Throws std::system_error. A socket that another process has left there without listening on it
  // any more is replaced; anything else at `path` is left alone.
  explicit UnixListener(const std::string& path);
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  // Removes the socket from the file system.
  ~UnixListener();

  [[nodiscard]] const Listener& listener() const { return listener_; }

 private:
  Listener listener_;
  std::string path_;
};

}  // namespace heliograph::net
