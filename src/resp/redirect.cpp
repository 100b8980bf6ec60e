#include "resp/redirect.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr std::size_t kLongestHost = 255;

constexpr std::array<std::pair<std::string_view, Redirect::Kind>, 7> kCodes = {{
    {"MOVED", Redirect::Kind::kMoved},
    {"ASK", Redirect::Kind::kAsk},
    {"TRYAGAIN", Redirect::Kind::kTryAgain},
    {"CLUSTERDOWN", Redirect::Kind::kClusterDown},
    {"LOADING", Redirect::Kind::kLoading},
    {"READONLY", Redirect::Kind::kReadOnly},
    {"MASTERDOWN", Redirect::Kind::kMasterDown},
}};

// Digits alone.
std::optional<std::uint16_t> parse_number(std::string_view text, std::uint16_t limit) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number > limit) return std::nullopt;
  return number;
}

// "?": the server does not know its own name.
bool parse_endpoint(std::string_view text, Redirect& redirect) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse_number(text.substr(colon + 1), std::numeric_limits<std::uint16_t>::max());
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "?") host = {};
  redirect.host = host;
  redirect.port = port.value_or(0);
  return redirect.port != 0 && (host.empty() || is_host(host));
}

}  // namespace

Result<std::optional<Redirect>, Error> parse_redirect(const Reply& reply) {
  const std::string_view code = reply.error_code();
  const auto known = std::ranges::find(kCodes, code, &decltype(kCodes)::value_type::first);
  if (known == kCodes.end()) return std::nullopt;
  Redirect redirect{.kind = known->second};
  if (redirect.kind > Redirect::Kind::kAsk) return redirect;
  std::string_view rest = reply.text().substr(code.size());
  if (!rest.empty()) rest.remove_prefix(1);
  const std::size_t space = rest.find(' ');
  const auto slot = parse_number(rest.substr(0, space), kSlotCount - 1);
  if (!slot || space == std::string_view::npos) return fail(Error::kBadRedirect);
  redirect.slot = *slot;
  if (!parse_endpoint(rest.substr(space + 1), redirect)) return fail(Error::kBadRedirect);
  return redirect;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= kLongestHost &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace heliograph::resp
