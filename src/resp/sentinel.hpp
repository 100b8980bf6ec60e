// What Sentinels and servers say about who is the master.
//
// Specification: redis.io, "Sentinel client spec" and commands SENTINEL and ROLE.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "resp/error.hpp"
#include "resp/url.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

// The channel on which a Sentinel announces a new master.
inline constexpr std::string_view kSwitchMaster = "+switch-master";

// The reply to SENTINEL GET-MASTER-ADDR-BY-NAME. Nothing: the Sentinel does not know the master.
Result<std::optional<Address>, Error> read_master_address(const Reply& reply);

// "name old-host old-port new-host new-port": the new address if it is about this master.
std::optional<Address> read_switch_master(std::string_view message, std::string_view master);

enum class Role : std::uint8_t { kMaster, kReplica, kOther };

// The reply to ROLE; an error is kOther.
Role read_role(const Reply& reply);

}  // namespace heliograph::resp
