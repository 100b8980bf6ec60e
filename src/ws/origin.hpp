// Which web pages may connect (RFC 6455 section 10.2; RFC 6454 sections 4 and 6). A browser says in
// Origin where the page came from; other clients say nothing, and the check is not about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heliograph::ws {

// scheme "://" host [":" port], all in lower case, the port always known: two spellings of one
// origin are equal.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Origin&, const Origin&) = default;
};

// Nothing if it is no such text, among it "null", an unknown scheme without a port, and anything
// behind the port. `ws` and `wss` have the default ports of `http` and `https`.
std::optional<Origin> parse_origin(std::string_view text);

class OriginPolicy {
 public:
  // Every page may connect.
  static OriginPolicy any() { return OriginPolicy(Kind::kAny, {}); }
  // Pages of the host and port that the request is addressed to.
  static OriginPolicy same() { return OriginPolicy(Kind::kSame, {}); }
  // Pages of one of these origins.
  static OriginPolicy list(std::vector<Origin> origins) {
    return OriginPolicy(Kind::kList, std::move(origins));
  }

  // `origin` is the field's value, or nothing if the request has none, which is always allowed;
  // `authority` is what http::RequestHead::authority() says.
  [[nodiscard]] bool allows(std::optional<std::string_view> origin,
                            std::string_view authority) const;

 private:
  enum class Kind : std::uint8_t { kAny, kSame, kList };

  OriginPolicy(Kind kind, std::vector<Origin> origins)
      : kind_(kind), origins_(std::move(origins)) {}

  Kind kind_;
  std::vector<Origin> origins_;
};

}  // namespace heliograph::ws
