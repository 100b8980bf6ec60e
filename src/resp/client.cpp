#include "resp/client.hpp"

#include <utility>

#include "resp/client_machine.hpp"

namespace heliograph::resp {

std::string_view describe(Failure failure) {
  switch (failure) {
    case Failure::kLate:
      return "no answer in time";
    case Failure::kLost:
      return "the connection broke";
    case Failure::kRefused:
      return "the server refuses us";
    case Failure::kTooManyRedirects:
      return "too many redirects";
  }
  std::unreachable();
}

Client::Client(const Url& url, ClientOptions options, std::uint64_t seed)
    : machine_(std::make_unique<Machine>(url, std::move(options), seed)) {}
Client::~Client() = default;

bool Client::command(const Command& command, Token token, Milliseconds now) {
  return machine_->command(command, token, now);
}
void Client::cancel(Token token) {
  machine_->cancel(token);
}
bool Client::subscribe(ChannelKind kind, std::string_view channel, Milliseconds now) {
  return machine_->subscribe(kind, channel, now);
}
void Client::unsubscribe(ChannelKind kind, std::string_view channel, Milliseconds now) {
  machine_->unsubscribe(kind, channel, now);
}

std::optional<ClientEvent> Client::receive(LinkId link, MutableBytes& input, Milliseconds now) {
  return machine_->receive(link, input, now);
}
std::optional<ClientEvent> Client::next_event() {
  return machine_->next_event();
}
std::optional<Wish> Client::next_wish() {
  return machine_->next_wish();
}

const Target& Client::target(LinkId link) const {
  return machine_->target(link);
}
Buffer& Client::output(LinkId link) {
  return machine_->output(link);
}
LinkId Client::links() const {
  return machine_->links();
}

void Client::opened(LinkId link, Milliseconds now) {
  machine_->opened(link, now);
}
void Client::lost(LinkId link, Milliseconds now, std::string_view reason) {
  machine_->lost(link, now, reason);
}

Milliseconds Client::deadline() const {
  return machine_->deadline();
}
void Client::on_timer(Milliseconds now) {
  machine_->on_timer(now);
}

bool Client::up() const {
  return machine_->up();
}
int Client::protocol() const {
  return machine_->protocol();
}
std::string_view Client::refusal() const {
  return machine_->refusal();
}
std::size_t Client::queued_commands() const {
  return machine_->queued_commands();
}
std::size_t Client::queued_bytes() const {
  return machine_->queued_bytes();
}
const ClientUsage& Client::usage() const {
  return machine_->usage();
}

}  // namespace heliograph::resp
