// What a session takes part in beyond its calls: the presence of names, and rooms. Both end with
// the name under which the user logged in.

#include <set>
#include <string_view>

#include "signal/name.hpp"
#include "signal/session.hpp"

namespace heliograph::signal {

Session::Interests& Session::interests() {
  if (!interests_) interests_ = std::make_unique<Interests>();
  return *interests_;
}

void Session::on_subscribe(const Command& command, Effects& effects) {
  // A name that comes again in the same message would cost its home worker as much as another one.
  std::set<std::string_view> dealt_with;
  for (const std::string_view name : command.names) {
    if (!dealt_with.insert(name).second) continue;
    if (!is_name(name)) {
      refuse(command, Error::kBadName, effects);
      continue;
    }
    if (interests().watched.add(name) == LimitedNames::Added::kTooMany) {
      return refuse(command, Error::kTooManyNames, effects);
    }
    // Whoever subscribes again, by another message, asks again.
    effects.watch(name);
  }
}

void Session::on_unsubscribe(const Command& command, Effects& effects) {
  for (const std::string_view name : command.names) {
    if (interests_ && interests_->watched.remove(name)) effects.unwatch(name);
  }
}

void Session::on_join(const Command& command, Effects& effects) {
  if (!is_name(command.room)) return refuse(command, Error::kBadMessage, effects);
  if (interests().rooms.add(command.room) == LimitedNames::Added::kTooMany) {
    return refuse(command, Error::kTooManyRooms, effects);
  }
  // Whoever joins again is told again who is there.
  effects.join(command.room, effects.copy(name_));
}

void Session::on_part(const Command& command, Effects& effects) {
  if (!interests_ || !interests_->rooms.remove(command.room)) {
    return refuse(command, Error::kNoRoom, effects);
  }
  effects.part(command.room);
}

void Session::give_up_interests(Effects& effects) {
  if (!interests_) return;
  for (std::string& name : interests_->watched.take()) {
    effects.unwatch(effects.keep(std::move(name)));
  }
  for (std::string& room : interests_->rooms.take()) effects.part(effects.keep(std::move(room)));
  interests_.reset();
}

void Session::notice(const Event& news, Effects& effects) {
  if (closing_ || !interests_) return;
  if (news.kind == Event::Kind::kPresence) {
    if (interests_->watched.contains(news.name)) dialect_.write(news, effects);
    return;
  }
  if (!interests_->rooms.contains(news.room)) return;
  if (news.kind == Event::Kind::kError) {
    interests_->rooms.remove(news.room);
    effects.part(news.room);  // a second request may have found a place meanwhile
  }
  dialect_.write(news, effects);
}

}  // namespace heliograph::signal
