#include "ws/deflate_negotiation.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

#include "ws/extension.hpp"

namespace heliograph::ws {
namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kServerNoTakeover = "server_no_context_takeover";
constexpr std::string_view kClientNoTakeover = "client_no_context_takeover";
constexpr std::string_view kServerBits = "server_max_window_bits";
constexpr std::string_view kClientBits = "client_max_window_bits";
constexpr std::uint8_t kMinWindowBits = 8;

// The parameters of one extension element, offer or answer, as they stand there.
struct Element {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<std::uint8_t> server_max_window_bits;
  // In an offer the value may be missing: then any size will do.
  bool client_max_window_bits_given = false;
  std::optional<std::uint8_t> client_max_window_bits;
};

// "a decimal integer value without leading zeroes between 8 to 15, inclusive"
std::optional<std::uint8_t> parse_bits(std::string_view text) {
  unsigned bits = 0;
  const char* const begin = std::to_address(text.begin());
  const char* const end = std::to_address(text.end());
  const auto [stop, error] = std::from_chars(begin, end, bits);
  if (error != std::errc{} || stop != end || text.starts_with('0')) return std::nullopt;
  if (bits < kMinWindowBits || bits > kMaxWindowBits) return std::nullopt;
  return static_cast<std::uint8_t>(bits);
}

bool set_flag(bool& flag, const ExtensionParameter& parameter) {
  if (flag || parameter.value) return false;
  flag = true;
  return true;
}

// False for a parameter that is unknown, repeated, or has a value that it may not have.
bool apply(const ExtensionParameter& parameter, Element& element) {
  if (parameter.name == kServerNoTakeover) {
    return set_flag(element.server_no_context_takeover, parameter);
  }
  if (parameter.name == kClientNoTakeover) {
    return set_flag(element.client_no_context_takeover, parameter);
  }
  if (parameter.name == kServerBits) {
    if (element.server_max_window_bits || !parameter.value) return false;
    element.server_max_window_bits = parse_bits(*parameter.value);
    return element.server_max_window_bits.has_value();
  }
  if (parameter.name == kClientBits) {
    if (element.client_max_window_bits_given) return false;
    element.client_max_window_bits_given = true;
    if (!parameter.value) return true;
    element.client_max_window_bits = parse_bits(*parameter.value);
    return element.client_max_window_bits.has_value();
  }
  return false;
}

std::optional<Element> parse_element(const Extension& extension) {
  Element element;
  for (const ExtensionParameter& parameter : extension.parameters) {
    if (!apply(parameter, element)) return std::nullopt;
  }
  return element;
}

std::string write(const Element& element) {
  std::string text(kName);
  if (element.server_no_context_takeover) text.append("; ").append(kServerNoTakeover);
  if (element.client_no_context_takeover) text.append("; ").append(kClientNoTakeover);
  if (element.server_max_window_bits) {
    text.append("; ").append(kServerBits).append("=");
    text += std::to_string(*element.server_max_window_bits);
  }
  if (element.client_max_window_bits_given) text.append("; ").append(kClientBits);
  if (element.client_max_window_bits) {
    text.append("=").append(std::to_string(*element.client_max_window_bits));
  }
  return text;
}

// The answer to one offer; nothing if it cannot be kept.
std::optional<DeflateAgreement> agreement_on(const Element& offer,
                                             const DeflateParameters& wanted) {
  Element element;
  DeflateParameters agreed;
  agreed.server_no_context_takeover =
      offer.server_no_context_takeover || wanted.server_no_context_takeover;
  agreed.client_no_context_takeover =
      offer.client_no_context_takeover || wanted.client_no_context_takeover;
  element.server_no_context_takeover = agreed.server_no_context_takeover;
  element.client_no_context_takeover = agreed.client_no_context_takeover;

  agreed.server_max_window_bits = std::min(offer.server_max_window_bits.value_or(kMaxWindowBits),
                                           wanted.server_max_window_bits);
  if (agreed.server_max_window_bits < kMinDeflateWindowBits) return std::nullopt;
  if (offer.server_max_window_bits || agreed.server_max_window_bits < kMaxWindowBits) {
    element.server_max_window_bits = agreed.server_max_window_bits;
  }
  // A client that does not speak of its window cannot be asked to make it smaller.
  if (offer.client_max_window_bits_given) {
    agreed.client_max_window_bits = std::min(offer.client_max_window_bits.value_or(kMaxWindowBits),
                                             wanted.client_max_window_bits);
    if (agreed.client_max_window_bits < kMaxWindowBits) {
      element.client_max_window_bits_given = true;
      element.client_max_window_bits = agreed.client_max_window_bits;
    }
  }
  return DeflateAgreement{agreed, write(element)};
}

// What the answer makes of the offer; nothing if the offer does not allow it.
std::optional<DeflateParameters> agree(const Element& answer, const DeflateParameters& offered) {
  DeflateParameters agreed;
  agreed.server_no_context_takeover = answer.server_no_context_takeover;
  if (offered.server_no_context_takeover && !answer.server_no_context_takeover) return std::nullopt;
  agreed.client_no_context_takeover =
      answer.client_no_context_takeover || offered.client_no_context_takeover;
  agreed.server_max_window_bits = answer.server_max_window_bits.value_or(kMaxWindowBits);
  if (agreed.server_max_window_bits > offered.server_max_window_bits) return std::nullopt;
  if (answer.client_max_window_bits_given && !answer.client_max_window_bits) return std::nullopt;
  agreed.client_max_window_bits =
      answer.client_max_window_bits.value_or(offered.client_max_window_bits);
  if (agreed.client_max_window_bits > offered.client_max_window_bits) return std::nullopt;
  return agreed;
}

}  // namespace

std::optional<DeflateAgreement> choose_deflate(std::string_view offers,
                                               const DeflateParameters& wanted) {
  const auto extensions = parse_extensions(offers);
  if (!extensions) return std::nullopt;
  for (const Extension& offer : *extensions) {
    if (offer.name != kName) continue;
    const auto element = parse_element(offer);
    if (!element) continue;
    if (auto agreement = agreement_on(*element, wanted)) return agreement;
  }
  return std::nullopt;
}

std::string offer_deflate(const DeflateParameters& wanted) {
  Element element{.server_no_context_takeover = wanted.server_no_context_takeover,
                  .client_no_context_takeover = wanted.client_no_context_takeover,
                  .server_max_window_bits = {},
                  .client_max_window_bits_given = true,
                  .client_max_window_bits = {}};
  if (wanted.server_max_window_bits < kMaxWindowBits) {
    element.server_max_window_bits = wanted.server_max_window_bits;
  }
  if (wanted.client_max_window_bits < kMaxWindowBits) {
    element.client_max_window_bits = wanted.client_max_window_bits;
  }
  return write(element);
}

DeflateAnswer read_deflate_answer(std::string_view answer,
                                  const std::optional<DeflateParameters>& offered) {
  if (answer.empty()) return {.valid = true, .parameters = std::nullopt};
  const auto extensions = parse_extensions(answer);
  const bool readable =
      offered && extensions && extensions->size() == 1 && extensions->front().name == kName;
  if (!readable) return {};
  const auto element = parse_element(extensions->front());
  if (!element) return {};
  const auto agreed = agree(*element, *offered);
  return {.valid = agreed.has_value(), .parameters = agreed};
}

}  // namespace heliograph::ws
