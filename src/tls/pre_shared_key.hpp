// The pre_shared_key extension of ClientHello (RFC 9846 section 4.3.11).
//
//      struct {
//          opaque identity<1..2^16-1>;
//          uint32 obfuscated_ticket_age;
//      } PskIdentity;
//
//      opaque PskBinderEntry<32..255>;
//
//      struct {
//          PskIdentity identities<7..2^16-1>;
//          PskBinderEntry binders<33..2^16-1>;
//      } OfferedPsks;
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

struct PskIdentity {
  Bytes identity;
  std::uint32_t obfuscated_ticket_age;
};

// The offer, checked when it was parsed: as many binders as identities.
class OfferedPsks {
 public:
  // The data of the extension.
  static Result<OfferedPsks, Error> parse(Bytes data);

  // The next identity with its binder, until done().
  class Cursor {
   public:
    explicit Cursor(const OfferedPsks& offered)
        : identities_(offered.identities_), binders_(offered.binders_) {}
    [[nodiscard]] bool done() const { return identities_.empty(); }
    PskIdentity identity() {
      const Bytes identity = identities_.vector16();
      return {identity, identities_.u32()};
    }
    Bytes binder() { return binders_.vector8(); }

   private:
    Reader identities_;
    Reader binders_;
  };

  // The bytes at the end of ClientHello that binders do not cover: their list with its length.
  [[nodiscard]] std::size_t binders_size() const { return 2 + binders_.size(); }

 private:
  OfferedPsks(Bytes identities, Bytes binders) : identities_(identities), binders_(binders) {}

  Bytes identities_;
  Bytes binders_;
};

// The proof that the client knows the pre-shared key.
class BinderVerified {
 private:
  BinderVerified() = default;
  friend Result<BinderVerified, Error> verify_binder(Bytes binder, Bytes expected);
};

// Compares in constant time.
Result<BinderVerified, Error> verify_binder(Bytes binder, Bytes expected);

// Appends the extension with one identity and one binder of zeros, to be patched: it lies in the
// last `binder_size` bytes.
void write_pre_shared_key(const PskIdentity& identity, std::size_t binder_size, Buffer& out);

// What write_pre_shared_key() puts behind the part that a binder covers.
constexpr std::size_t binders_size(std::size_t binder_size) {
  return 2 + 1 + binder_size;
}

}  // namespace heliograph::tls
