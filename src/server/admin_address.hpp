// Where the admin endpoint listens, and under which names it answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace heliograph::server {

struct AdminAddress {
  std::string path;  // of a Unix socket; if it is empty:
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

// "[HOST:]PORT" or "unix:PATH". Without HOST it is this host alone. The error is one line.
Result<AdminAddress, std::string> parse_admin_address(std::string_view text);

// Whether a request with this authority (host[:port]) was meant for us. A page of another site that
// has its name point here, DNS rebinding, comes with that name: so a name is only good if it is
// that of the loopback interface or was configured, and an address if it can be ours.
bool is_own_authority(std::string_view authority, const AdminAddress& address);

// Whom to listen on. A name must be of the loopback interface: what opens the endpoint to a network
// is an address, spelled out. The error is one line.
Result<std::vector<net::Endpoint>, std::string> admin_endpoints(const AdminAddress& address);

}  // namespace heliograph::server
