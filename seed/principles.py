"""The leadership principles that a new company starts with: the fourteen of the 2021 book and the two later ones.

Names are the usual ones; the meanings are our own short wording. Everything may be edited in the product.
"""

PRINCIPLES: tuple[tuple[str, str], ...] = (
    ("Customer Obsession", "Starts from what a customer needs and works back to what to build; earns trust daily."),
    ("Ownership", "Acts for the whole company and for the long term; never says that it was not their job."),
    ("Invent and Simplify", "Looks for new answers, inside and outside, and makes things simpler on the way."),
    ("Are Right, A Lot", "Judges well with little to go on, seeks other views and tries to prove themselves wrong."),
    ("Learn and Be Curious", "Keeps learning, asks why, and tries out what is new to them."),
    ("Hire and Develop the Best", "Raises the bar with each hire, sees talent early and coaches it in earnest."),
    (
        "Insist on the Highest Standards",
        "Asks for more than others find reasonable, and keeps defects from travelling on.",
    ),
    ("Think Big", "Sets a bold direction that moves people, and looks around corners for ways to serve."),
    ("Bias for Action", "Moves fast where a decision can be undone, and takes risks that were thought through."),
    ("Frugality", "Does more with less; limits bring out invention, and spending is not a goal."),
    ("Earn Trust", "Listens, speaks plainly, treats people with respect, and owns up to mistakes in the open."),
    ("Dive Deep", "Stays close to the details, checks often, and doubts when figures and stories disagree."),
    ("Have Backbone; Disagree and Commit", "Objects with respect even when it is tiring; once it is decided, commits."),
    ("Deliver Results", "Knows the few inputs that matter and delivers them well and in time, despite setbacks."),
    (
        "Strive to be Earth's Best Employer",
        "Makes work safer, fairer and more growing for others, and leads with empathy.",
    ),
    (
        "Success and Scale Bring Broad Responsibility",
        "Weighs the effects on people and places, and leaves things better.",
    ),
)
