#include "resp/sentinel.hpp"

#include <array>
#include <charconv>
#include <string>

#include "resp/redirect.hpp"

namespace heliograph::resp {

namespace {

std::optional<Address> make_address(std::string_view host, std::string_view port) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0) return std::nullopt;
  if (!is_host(host)) return std::nullopt;
  return Address{.host = std::string(host), .port = number};
}

}  // namespace

Result<std::optional<Address>, Error> read_master_address(const Reply& reply) {
  if (reply.is_null() || reply.is_error()) return std::nullopt;
  if (reply.type() != Type::kArray || reply.size() != 2) return fail(Error::kBadTopology);
  auto address = make_address(reply[0].text(), reply[1].text());
  if (!address) return fail(Error::kBadTopology);
  return address;
}

std::optional<Address> read_switch_master(std::string_view message, std::string_view master) {
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    const std::size_t space = message.find(' ');
    word = message.substr(0, space);
    message = space == std::string_view::npos ? std::string_view{} : message.substr(space + 1);
  }
  if (words[0] != master || !message.empty()) return std::nullopt;
  return make_address(words[3], words[4]);
}

Role read_role(const Reply& reply) {
  const std::string_view role = reply.type() == Type::kArray ? reply[0].text() : std::string_view{};
  if (role == "master") return Role::kMaster;
  return role == "slave" ? Role::kReplica : Role::kOther;
}

}  // namespace heliograph::resp
