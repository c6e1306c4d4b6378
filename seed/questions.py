"""The question bank that a new company starts with: behavioural questions, phone screens, generic ones to replace."""

from hiring.steps.job_description.catalogue import QuestionEntry
from hiring.steps.job_description.rules import QuestionUse

_BY_PRINCIPLE: dict[str, tuple[str, ...]] = {
    "Customer Obsession": (
        "Tell me about a time you changed a plan because of something you learned from a customer.",
        "When did a customer ask for one thing and need another? What did you do?",
        "Describe a decision where the customer's interest cost your team something. How did it end?",
    ),
    "Ownership": (
        "Tell me about a problem outside of your area that you took on. Why you?",
        "When did you give up a short-term gain for something that paid off much later?",
        "Describe something you launched that went wrong after you had moved on. What was your part in mending it?",
    ),
    "Invent and Simplify": (
        "Tell me about the most useful thing that you made simpler. What was it like before?",
        "When did you bring in an idea from a quite different field? What came of it?",
        "Describe something complicated that you talked others out of building.",
    ),
    "Are Right, A Lot": (
        "Tell me about an important call that you made with little data. How did you test it afterwards?",
        "When were you sure and wrong? What had you missed?",
        "Describe a time you asked for opposing views. Which one changed your decision?",
    ),
    "Learn and Be Curious": (
        "Tell me about something you had to learn from nothing for a piece of work. How did you go about it?",
        "When did a question that nobody had asked lead you somewhere useful?",
        "Describe feedback that changed how you work. What do you do differently today?",
    ),
    "Hire and Develop the Best": (
        "Tell me about somebody who outgrew you. What was your part in it?",
        "When did you turn down a candidate whom others wanted? On what evidence?",
        "Describe how you helped somebody who was struggling. What happened in the end?",
    ),
    "Insist on the Highest Standards": (
        "Tell me about a time you sent back work that others found good enough.",
        "When did you lower a standard on purpose? How did you decide?",
        "Describe a defect that kept coming back. What did you do so that it stayed away?",
    ),
    "Think Big": (
        "Tell me about the boldest thing that you proposed. What was the first step?",
        "When did you see a much larger use for something small? Who had to be convinced?",
        "Describe a goal that you set too low. How did you notice?",
    ),
    "Bias for Action": (
        "Tell me about a decision that you took without waiting for leave. What was at stake?",
        "When did you act too soon? How did you undo it?",
        "Describe how you got something moving that had been stuck for months.",
    ),
    "Frugality": (
        "Tell me about something that you delivered with half of what you had asked for.",
        "When did a limit lead you to a better answer than money would have?",
        "Describe a cost that everybody took for granted and that you removed.",
    ),
    "Earn Trust": (
        "Tell me about a mistake that you made known before anybody noticed it.",
        "When did you work with somebody who did not trust you? What changed it?",
        "Describe the hardest thing that you had to tell your manager or your team.",
    ),
    "Dive Deep": (
        "Tell me about a time the figures and what people told you disagreed. What was true?",
        "When did a detail that others had passed over turn out to matter? How did you find it?",
        "Describe a root cause that took you several wrong turns to find.",
    ),
    "Have Backbone; Disagree and Commit": (
        "Tell me about a decision that you argued against and then carried out. How did you carry it out?",
        "When did you stand alone with your view? What evidence did you bring?",
        "Describe a time you changed a senior person's mind. And one when you did not.",
    ),
    "Deliver Results": (
        "Tell me about the result you are proudest of. Which part of it was yours?",
        "When did you miss a date that mattered? What did you do the week before, and the week after?",
        "Describe how you chose what not to do so that the rest was done in time.",
    ),
    "Strive to be Earth's Best Employer": (
        "Tell me about a change you made so that people around you could do their best work.",
        "When did you notice that a colleague was not doing well? What did you do?",
        "Describe how you helped somebody get a position that was not on your own team.",
    ),
    "Success and Scale Bring Broad Responsibility": (
        "Tell me about a side effect of your work on people who were not its customers. What did you do about it?",
        "When did you slow something down because of what it could do to others?",
        "Describe something that you left better than you had to.",
    ),
}
_SCREEN = (
    "Which of your results comes closest to the first outcome we wrote for this position? What was your part?",
    "Tell me about the hardest problem in your current work. What have you tried?",
    "Pick one must-have of this position: where did you show it last?",
    "What did you measure in that work, and what did the figure do?",
    "Tell me about a disagreement over how to do something. How was it settled?",
    "What would your colleagues say that you still have to learn? What are you doing about it?",
    "Describe the last thing that you shipped from idea to use. What surprised you?",
    "When did you last change your mind on something important? What changed it?",
    "What would you have to see in the first month here to know that you took the right position?",
    "Tell me about work that you stopped. How did you decide?",
)
_GENERIC = {
    "Tell me about your career.": _BY_PRINCIPLE["Deliver Results"][0],
    "Walk me through your résumé.": _SCREEN[0],
    "What are your strengths and weaknesses?": _SCREEN[5],
    "Where do you see yourself in five years?": _BY_PRINCIPLE["Think Big"][0],
    "Why should we hire you?": _SCREEN[2],
    "Are you a team player?": _BY_PRINCIPLE["Earn Trust"][1],
}

QUESTIONS: tuple[QuestionEntry, ...] = (
    *(
        QuestionEntry(text, QuestionUse.LOOP, principle=principle)
        for principle, texts in _BY_PRINCIPLE.items()
        for text in texts
    ),
    *(QuestionEntry(text, QuestionUse.PHONE_SCREEN) for text in _SCREEN),
    *(QuestionEntry(text, QuestionUse.LOOP, better=better) for text, better in _GENERIC.items()),
)
