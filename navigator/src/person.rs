//! Whether somebody asks for a person in so many words. The classes know it too; this is for what must never fail.

/// What Chinese callers say; looked for anywhere.
const CHINESE: [&str; 26] = [
    "转人工",
    "接人工",
    "找人工",
    "要人工",
    "叫人工",
    "换人工",
    "人工客服",
    "人工服务",
    "人工坐席",
    "人工座席",
    "人工台",
    "真人",
    "活人",
    "转客服",
    "转接客服",
    "接客服",
    "找客服",
    "叫客服",
    "联系客服",
    "换个人跟我说",
    "不要机器人",
    "不跟机器人",
    "不想跟机器",
    "别让机器人",
    "来个人跟我说",
    "让人接电话",
];
/// What makes the above part of another matter: the person is what is asked about, not what is asked for.
const CHINESE_OTHER: [&str; 8] = ["人工审核", "人工费", "冒充", "假客服", "自称", "真人吗", "联系客服没", "找客服说"];
/// What English callers say; whole words.
const ENGLISH: [&str; 34] = [
    "talk to a person",
    "talk to a human",
    "talk to a real person",
    "talk to someone",
    "talk to somebody",
    "talk to an agent",
    "talk to a representative",
    "speak to a person",
    "speak to a human",
    "speak to a real person",
    "speak to someone",
    "speak to somebody",
    "speak to an agent",
    "speak to a representative",
    "speak with a person",
    "speak with a human",
    "speak with someone",
    "speak with an agent",
    "speak with a representative",
    "talk with a person",
    "talk with a human",
    "talk with someone",
    "real person please",
    "real human",
    "human please",
    "human being",
    "human agent",
    "live agent",
    "live person",
    "connect me to an agent",
    "transfer me to an agent",
    "transfer me to a person",
    "get me a person",
    "get me a human",
];
/// Said alone, these ask for a person.
const ALONE: [&str; 18] = [
    "人工",
    "客服",
    "转",
    "转接",
    "接线员",
    "人呢",
    "有人吗",
    "agent",
    "an agent",
    "representative",
    "operator",
    "human",
    "person",
    "a person",
    "a human",
    "real person",
    "customer service",
    "speak to agent",
];

/// Whether a plain text asks for a person.
#[must_use]
pub fn is_asked_for(plain: &str) -> bool {
    if ALONE.contains(&plain) {
        return true;
    }
    let spaced = format!(" {plain} ");
    let english = ENGLISH.iter().any(|said| spaced.contains(&format!(" {said} ")));
    let together: String = plain.chars().filter(|char| *char != ' ').collect();
    let chinese = CHINESE.iter().any(|said| together.contains(said));
    english || (chinese && !CHINESE_OTHER.iter().any(|said| together.contains(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_a_person_is_told_from_talking_about_one() {
        for said in
            ["转人工", "人工", "我要人工 客服", "给我转 人工服务", "i want to talk to a human", "agent", "human please"]
        {
            assert!(is_asked_for(said), "{said}");
        }
        for said in
            ["人工审核要几天", "有人冒充你们人工客服 收我钱", "the agent was rude to me", "我人在外地", "personal loan"]
        {
            assert!(!is_asked_for(said), "{said}");
        }
    }
}
