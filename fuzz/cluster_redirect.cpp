// What servers say about topology, in any words: what is taken from it is within bounds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "resp/cluster.hpp"
#include "resp/parser.hpp"
#include "resp/redirect.hpp"
#include "resp/sentinel.hpp"

namespace {

using namespace heliograph;

void check(const resp::Address& address) {
  if (address.port == 0 || !resp::is_host(address.host)) std::abort();
  if (to_text(address).empty()) std::abort();
}

void check_redirect(const resp::Reply& reply, resp::SlotTable& table) {
  const auto redirect = resp::parse_redirect(reply);
  if (!redirect || !*redirect) return;
  if (!reply.is_error()) std::abort();
  if ((*redirect)->kind > resp::Redirect::Kind::kAsk) return;
  const std::string host((*redirect)->host.empty() ? "asked" : (*redirect)->host);
  const resp::Address address = {.host = host, .port = (*redirect)->port};
  check(address);
  if ((*redirect)->slot >= resp::kSlotCount) std::abort();
  if (table.move((*redirect)->slot, address)) {
    if (table.nodes()[table.owner((*redirect)->slot)] != address) std::abort();
  }
}

void check_reply(const resp::Reply& reply, resp::SlotTable& table) {
  check_redirect(reply, table);
  const std::vector<resp::Address> before = table.nodes();
  if (!table.read(reply, "asked") && table.nodes() != before) std::abort();
  for (const resp::Address& address : table.nodes()) check(address);
  for (std::uint16_t slot = 0; slot < resp::kSlotCount; ++slot) {
    const auto node = table.owner(slot);
    if (node != resp::SlotTable::kNoNode && node >= table.nodes().size()) std::abort();
  }
  if (const auto master = resp::read_master_address(reply); master && *master) check(**master);
  resp::read_role(reply);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (resp::key_slot(text) >= resp::kSlotCount) std::abort();
  if (const auto master = resp::read_switch_master(text, "main")) check(*master);
  std::vector<std::uint8_t> bytes(data, data + size);
  MutableBytes input = bytes;
  resp::Parser parser;
  resp::SlotTable table;
  while (true) {
    const auto reply = parser.receive(input);
    if (!reply || !*reply) return 0;
    check_reply(**reply, table);
  }
}
