#include "net/wakeup.hpp"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>

namespace heliograph::net {

Wakeup::Wakeup() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) throw std::system_error(errno, std::system_category(), "eventfd");
}

void Wakeup::notify() const {
  ::eventfd_write(event_.get(), 1);
}

void Wakeup::acknowledge() const {
  eventfd_t count = 0;
  ::eventfd_read(event_.get(), &count);
}

}  // namespace heliograph::net
