#include "tests/signal/node.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::signal {
namespace {

// What stands behind a message in the receive buffer: bytes that would complete a cut one.
constexpr std::string_view kTail =
    "}}}}}}}}}}}}}}}}]]]]]]]]]]]]]]]]\"}\"}\"}\"}\"}\"}\"}\"}0000000000000000";

std::string join(const Reply& reply) {
  std::string text;
  for (const std::string_view piece : reply.pieces()) text += piece;
  return text;
}

}  // namespace

std::vector<std::string> Client::take() {
  return std::exchange(heard, {});
}

Node::Node(std::uint32_t workers, const Settings& settings) : settings_(settings) {
  for (std::uint32_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
}

Client& Node::connect(Speaks speaks) {
  Client& client = *clients_.emplace_back(std::make_unique<Client>());
  const auto number = static_cast<std::uint32_t>(clients_.size());
  client.address = {.node = 1,
                    .worker = number % static_cast<std::uint32_t>(workers_.size()),
                    .connection = number};
  client.session =
      std::make_unique<Session>(client.address, settings_, dialect(client.address.worker, speaks));
  Effects effects;
  client.session->opened(effects);
  perform(client, effects);
  return client;
}

Dialect& Node::dialect(std::uint32_t worker, Speaks speaks) {
  if (speaks == Speaks::kHeliograph) return workers_[worker]->heliograph;
  return workers_[worker]->tutorial;
}

Client& Node::user(const std::string& name, Speaks speaks) {
  stored.try_emplace(name, "password of " + name);
  Client& client = connect(speaks);
  say(client, login(name, "password of " + name));
  carry();
  client.take();
  return client;
}

void Node::say(Client& client, std::string_view message) {
  const std::string buffer = std::string(message).append(kTail);
  Effects effects;
  client.session->receive(as_bytes(buffer).first(message.size()), now_, effects);
  perform(client, effects);
}

void Node::disconnect(Client& client) {
  Effects effects;
  client.session->closed(effects);
  perform(client, effects);
  client.session.reset();
}

void Node::answer_logins() {
  for (const auto& answer : std::exchange(held_, {})) answer();
  settle();
}

void Node::carry() {
  const auto has_mail = [](const auto& worker) { return !worker->mail.empty(); };
  while (std::ranges::any_of(workers_, has_mail)) {
    for (const auto& worker : workers_) {
      for (const auto& letter : std::exchange(worker->mail, {})) letter();
    }
  }
}

std::optional<Address> Node::owner(std::string_view name) const {
  const auto workers = static_cast<std::uint32_t>(workers_.size());
  return workers_[home_worker(name, workers)]->directory.find(name);
}

void Node::post(std::uint32_t worker, std::function<void()> letter) {
  workers_[worker]->mail.push_back(std::move(letter));
}

void Node::settle() {
  if (workers_.size() == 1) carry();
}

Client* Node::find(const Address& address) {
  Client& client = *clients_[address.connection - 1];
  return client.session ? &client : nullptr;
}

void Node::perform(Client& client, const Effects& effects) {
  for (const Effect& effect : effects.list()) perform(client, effect);
  settle();
}

void Node::perform(Client& client, const Effect& effect) {
  const Address self = client.address;
  const auto workers = static_cast<std::uint32_t>(workers_.size());
  const std::string name(effect.name);
  switch (effect.kind) {
    case Effect::Kind::kReply:
      client.heard.push_back(join(effect.reply));
      return;
    case Effect::Kind::kCheckCredential:
      return check(self, effect.login, name, std::string(effect.password));
    case Effect::Kind::kCheckTicket:
    case Effect::Kind::kCheckCertificate:
      return identify(self, effect.login, std::string(effect.password), name);
    case Effect::Kind::kClaimName:
      return post(home_worker(name, workers),
                  [this, self, login = effect.login, name] { claim(self, login, name); });
    case Effect::Kind::kReleaseName:
      return post(home_worker(name, workers), [this, self, name] {
        workers_[home_worker(name, static_cast<std::uint32_t>(workers_.size()))]->directory.release(
            name, self);
      });
    case Effect::Kind::kSend:
      return post(home_worker(effect.envelope.to, workers),
                  [this, envelope = OwnedEnvelope(effect.envelope)] { bring(envelope); });
    case Effect::Kind::kResume:
    case Effect::Kind::kCount:
    case Effect::Kind::kWatch:
    case Effect::Kind::kUnwatch:
    case Effect::Kind::kJoin:
    case Effect::Kind::kPart:
      return;  // the worker's, and tested there
    case Effect::Kind::kClose:
      client.closed_with = effect.close_code;
      return post(self.worker, [this, self] {
        if (Client* const closing = find(self)) disconnect(*closing);
      });
  }
}

void Node::check(const Address& asker, LoginId login, const std::string& name,
                 const std::string& password) {
  ++checks_;
  const auto entry = stored.find(name);
  const bool right =
      backend_up && entry != stored.end() && verify_password(entry->second, password);
  const auto answer = [this, asker, login, right] {
    Client* const client = find(asker);
    if (client == nullptr) return;
    Effects effects;
    client->session->credential_checked(login, right, now_, effects);
    perform(*client, effects);
  };
  if (hold_logins) {
    held_.emplace_back(answer);
  } else {
    post(asker.worker, answer);
  }
}

// A ticket or a certificate.
void Node::identify(const Address& asker, LoginId login, const std::string& ticket,
                    const std::string& name) {
  const std::map<std::string, std::string>& proofs = ticket.empty() ? certificates : tickets;
  const auto entry = proofs.find(ticket.empty() ? name : ticket);
  std::optional<std::string> user;
  if (entry != proofs.end()) user = entry->second;
  post(asker.worker, [this, asker, login, user] {
    Client* const client = find(asker);
    if (client == nullptr) return;
    Effects effects;
    client->session->identified(login, user, now_, effects);
    perform(*client, effects);
  });
}

// At the home worker of the name.
void Node::claim(const Address& claimant, LoginId login, const std::string& name) {
  const auto workers = static_cast<std::uint32_t>(workers_.size());
  const bool granted = workers_[home_worker(name, workers)]->directory.claim(name, claimant);
  post(claimant.worker, [this, claimant, login, granted] {
    Client* const client = find(claimant);
    if (client == nullptr) return;
    Effects effects;
    client->session->name_claimed(login, granted, now_, effects);
    perform(*client, effects);
  });
}

// At the home worker of the addressed name.
void Node::bring(const OwnedEnvelope& envelope) {
  const Address from = envelope.view().from_address;
  const std::optional<Address> to = owner(envelope.view().to);
  if (!to) {
    return post(from.worker, [this, envelope, from] {
      Client* const sender = find(from);
      if (sender == nullptr) return;
      Effects effects;
      sender->session->undelivered(envelope.view(), effects);
      perform(*sender, effects);
    });
  }
  post(to->worker, [this, envelope, to = *to] {
    Client* const receiver = find(to);
    if (receiver == nullptr) return;
    Effects effects;
    receiver->session->deliver(envelope.view(), now_, effects);
    perform(*receiver, effects);
  });
}

std::string login(std::string_view name, std::string_view password) {
  return std::string(R"({"type":"login","name":")")
      .append(name)
      .append(R"(","password":")")
      .append(password)
      .append(R"("})");
}

std::string message(std::string_view type, std::string_view body, std::string_view name) {
  return std::string(R"({"type":")")
      .append(type)
      .append(R"(",")")
      .append(type)
      .append(R"(":)")
      .append(body)
      .append(R"(,"name":")")
      .append(name)
      .append(R"("})");
}

}  // namespace heliograph::signal
