// All connections of a load, in one thread over one epoll instance.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "load/client_tls.hpp"
#include "load/connection.hpp"
#include "load/settings.hpp"

namespace heliograph::bench {

using Clock = std::chrono::steady_clock;

// How long anything may take before it counts as never coming.
constexpr std::chrono::seconds kPatience{30};

// The addresses from which and to which connection `number` goes: one source address has about
// 28,000 ports, and each of many servers gets its share.
sockaddr_in source_of(std::size_t number);
sockaddr_in server_of(const Settings& settings, std::size_t number);

class Fleet {
 public:
  // Both must outlive it.
  Fleet(const Settings& settings, Receiver& receiver);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  // Tells another from now on, which must outlive this, too.
  void use(Receiver& receiver) { receiver_ = &receiver; }
  // One more, with the next number.
  Connection& add();
  // The same again in place of one that ended. Not for a Receiver: it may be called by that one.
  Connection& replace(std::size_t number);
  // Adds `count`, a few at a time, and returns when all of them are open.
  void open(std::size_t count);

  [[nodiscard]] std::size_t size() const { return connections_.size(); }
  Connection& operator[](std::size_t number) { return *connections_[number]; }

  // Lets every connection that has something to do go on; waits for one at most `patience`.
  void turn(std::chrono::microseconds patience);
  // Turns until `done`, which must come true by and by.
  void turn_until(const std::function<bool()>& done);
  // Turns for so long.
  void turn_for(std::chrono::duration<double> time);
  // Says goodbye on every connection, and waits until the server has ended all of them, so that it
  // has nothing left of this load. Nothing may be done after that.
  void close();
  // After something was sent outside of turn().
  void flush(Connection& connection);

 private:
  std::unique_ptr<Connection> connect(std::size_t number);
  void watch(Connection& connection, bool writable, int operation) const;

  const Settings& settings_;
  Receiver* receiver_;
  int epoll_;
  ClientTls tls_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace heliograph::bench
