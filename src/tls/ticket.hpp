// Stateless tickets (RFC 9846 section 4.7.1): the server's session state, sealed under a key that
// only servers know.
//
//      struct {
//          opaque key_name[16];
//          opaque nonce[12];
//          opaque sealed[...];      AES-256-GCM over the state, with key_name as additional data
//      } Ticket;
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "tls/session.hpp"

namespace heliograph::tls {

// A session whose peer presented a chain of this size gets no ticket.
inline constexpr std::size_t kMaxTicketState = std::size_t{16} * 1024;

// What turns session state into tickets and back; threads share one.
class TicketSealer {
 public:
  TicketSealer() = default;
  TicketSealer(const TicketSealer&) = delete;
  TicketSealer& operator=(const TicketSealer&) = delete;
  virtual ~TicketSealer() = default;

  // Appends the ticket.
  virtual void seal(Bytes state, Buffer& out) const = 0;
  // Nothing unless the ticket is one of this sealer's.
  [[nodiscard]] virtual std::optional<std::vector<std::uint8_t>> open(Bytes ticket) const = 0;
};

// The keys that seal and open tickets: an immutable snapshot that threads may share. Tickets are
// sealed by the current key. The previous one still opens, so that a rotation loses no session; the
// next one opens already, so that nodes which share keys need not rotate at the same moment.
class TicketKeys : public TicketSealer {
 public:
  static constexpr std::size_t kNameSize = 16;
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kExportSize = 3 * (kNameSize + kKeySize);

  // From the system's random source.
  static std::shared_ptr<const TicketKeys> generate();
  // current, previous, next, each its name and its key. The error is one sentence.
  static Result<std::shared_ptr<const TicketKeys>, std::string> import(Bytes exported);
  // For the other nodes; secret.
  [[nodiscard]] std::vector<std::uint8_t> export_secret() const;
  // The keys one period later.
  [[nodiscard]] std::shared_ptr<const TicketKeys> rotated() const;

  void seal(Bytes state, Buffer& out) const override;
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> open(Bytes ticket) const override;

 private:
  struct Key {
    std::array<std::uint8_t, kNameSize> name;
    crypto::Secret key;
    [[nodiscard]] Key copy() const { return {name, key.copy()}; }
  };
  using Keys = std::array<Key, 3>;

  explicit TicketKeys(Keys keys) : keys_(std::move(keys)) {}
  static Key new_key();
  static std::shared_ptr<const TicketKeys> make(Keys keys);

  Keys keys_;
};

// Appends the state of a ticket. False if it is too long. `context` stands for the configuration
// that the session was made under: a ticket is of no use under another one.
[[nodiscard]] bool encode_session(const Session& session, std::string_view context, Buffer& out);

// Nothing unless the state is of this version and context.
std::optional<Session> decode_session(Bytes state, std::string_view context);

}  // namespace heliograph::tls
