// Messages that come back as messages: an echo, or what one of a pair sends and the other receives.
//
// By depth (a closed loop), each that speaks has so many messages on their way, and sends the next
// when one has arrived. By rate (an open loop), messages are due at fixed times whatever the server
// does, and a latency counts from the time at which its message was due: who waits is not
// forgotten.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "load/fleet.hpp"
#include "load/meter.hpp"

namespace heliograph::bench {

class Traffic : public Receiver {
 public:
  // What connection `number` sends, and what is told to whom by it.
  struct Message {
    std::string frame;
    std::string told;
    std::size_t receiver = 0;
  };

  Traffic(const Settings& settings, Fleet& fleet, Meter& meter, std::vector<Message> messages);

  // One message from `number`, due at `time`.
  void send(std::size_t number, Clock::time_point due);
  void go_by_depth(Clock::time_point until);
  void go_by_rate(Clock::time_point until);

  void on_open(Connection& /*connection*/) override {}
  void on_message(Connection& connection, std::string_view message) override;

 private:
  const Settings& settings_;
  Fleet& fleet_;
  Meter& meter_;
  std::vector<Message> messages_;
  std::vector<std::size_t> sender_of_;                 // by receiver
  std::vector<std::deque<Clock::time_point>> on_way_;  // by sender
  std::size_t waiting_ = 0;
  Clock::time_point next_due_;
  std::size_t next_sender_ = 0;
};

// The modes.
JsonObject run_echo(const Settings& settings);
JsonObject run_relay(const Settings& settings);

}  // namespace heliograph::bench
