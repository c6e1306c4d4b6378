"""Texts of the demo company: résumés, questions, evidence, reasons. All invented."""

RESUME = """{name}
{title}, {years} years of experience

2021 to today: led the redesign of a ledger that closes every night without hand work; five people.
2018 to 2021: built the alerts of a payment service; on-call load fell by half within a year.
2015 to 2018: wrote services in Python and Go for a logistics company; taught newcomers.

Education: computer science. Languages: English, German.
"""

QUESTIONS = (
    "Tell me about a time you changed a plan because of something you learned from a customer.",
    "Tell me about a problem outside of your area that you took on. Why you?",
    "When did figures and stories disagree, and what did you do?",
    "Describe something you delivered late. What did you change afterwards?",
    "Walk me through the hardest part of a system that you designed yourself.",
    "When did you disagree with your manager in public? How did it end?",
)

EVIDENCE = (
    (
        "The nightly close failed twice a week and nobody knew why.",
        "They owned the close, and the finance team waited for it each morning.",
        "They logged every difference for a month, found rounding at three borders, and moved it to one.",
        "No failed close in the fourteen months since; finance starts two hours earlier.",
    ),
    (
        "A large seller threatened to leave over returns that took nine days.",
        "They had four weeks and no extra people.",
        "They rode along in the warehouse, cut two checks that found nothing, and told the seller what would stay.",
        "Returns took four days; the seller stayed and gave the numbers at our conference.",
    ),
    (
        "Two teams had built the same service and neither would give theirs up.",
        "As a newcomer they were asked to write down the choice.",
        "They wrote both designs in one document, measured both, and let each team correct the other's page.",
        "The teams chose the slower one for its simpler on-call; it runs today with one owner.",
    ),
    (
        "A launch was two weeks away when the load test failed.",
        "They were the only one who knew the storage layer.",
        "They said so the same day, cut the feature that wrote most, and paired with a colleague every evening.",
        "The launch held its date with one feature less, which came three weeks later.",
    ),
)

SUMMARIES = (
    "Specific throughout: names their own part, the figures, and what they would do differently. Strong on ownership.",
    "Answers directly and with data. Went three levels deeper on the reconciliation than I asked.",
    "Clear thinker who writes first. Needed one push to say what was theirs and what the team's; then precise.",
    "The examples stayed general: what the team did, not what they did. Results without figures after two follow-ups.",
)

REASONS = (
    "The candidate flies in for one day only; everybody agreed to it beforehand.",
    "Ownership and depth shown with figures by three interviewers; the gap in scale is one that we can teach.",
    "Raises the bar for this team on ownership; I read the same evidence.",
    "Dive Deep was below the bar with every interviewer who tested it; the role stands or falls with it.",
    "Would hire again tomorrow. Finishes what they start; wants to be told early when priorities change.",
)
