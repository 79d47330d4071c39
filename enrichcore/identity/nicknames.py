"""Given names that stand for each other. Bars and line ends part families; a name may be in several.

General knowledge, kept small: a wrong pair would accept the wrong person. Keys are in comparison form.
"""

_FAMILIES = """
abigail abby abbie gail|abraham abe|adrian ade|albert al bert bertie
aleksandr alexander alex al xander sasha sascha alec alejandro alessandro aleksander|alexandra alex sandra sasha lexi
alfred al alf alfie fred|allan alan allen al|amanda mandy|andrew andy drew andreas andre andrei andrey andrzej
angela angie|anna ann anne annie|anthony antony tony antonio anton antoine|archibald archie|arthur art artie
barbara barb barbie babs|bartholomew bart|benjamin ben benny benji|bernard bernie|bradley brad|bridget biddy
calvin cal|catherine katherine kathryn katharine kate katie cathy kathy kat katya ekaterina catalina kathleen
charles charlie chuck chas carlos karl carl|charlotte lottie charlie|christina kristina christine chris tina chrissy
christopher chris kit topher christophe cristobal|clifford cliff|cornelius neil|cynthia cindy|daniel dan danny danilo
david dave davy|deborah debra deb debbie|dennis denis|dmitry dmitri dmitriy dima mitya|dominic dom|donald don donnie
dorothy dot dottie|douglas doug|edmund ed eddie ned|edward ed eddie ned ted teddy eduardo edouard
eleanor ellie nell nora|elizabeth elisabeth liz lizzie beth betty eliza elsie libby lisa bess|emily em emmy
eugene gene yevgeny evgeny|evelyn evie|ezekiel zeke|florence flo|frances fran frankie|francis frank fran
francisco paco pancho frank|franklin frank|frederick fred freddie freddy friedrich frederic|gabriel gabe
gabrielle gabby|george jorge georg yuri|gerald gerry jerry|geoffrey jeffrey geoff jeff|gilbert gil|gregory greg gregor
gwendolyn gwen|harold harry hal|heinrich henry heinz hank harry henri enrique|helen nell elena|howard howie
hubert bert|ian iain|ignacio nacho|isaac ike|isabel isabelle isabella bella izzy|jacob jake|jacqueline jackie
james jim jimmy jamie jaime|jane janie|janet jan|jason jay|jennifer jen jenny|jeremiah jerry|jeremy jem
jessica jess jessie|jesus chuy|johannes hans john johan juan jean giovanni ivan|john jon johnny jack
jonathan jon jonny jonathon|jose pepe joseph giuseppe|joseph joe joey josef yosef|josephine jo josie|joshua josh
judith judy|julia julie|kenneth ken kenny|kimberly kim|konstantin kostya|lawrence laurence larry laurie lorenzo
leonard leo len lenny|leslie les|lewis louis lou luis ludwig luigi|lillian lily lil|louise lou|luis lucho
lucas luke lukas|magdalena lena magda|manuel manny manolo
margaret maggie meg peg peggy marge margie greta rita margarita|maria mary marie masha|marcus mark marc marco markus
martha marty patty|martin marty|martina tina|matthew matt matthias mateo matteo|maximilian max|maxwell max
melissa mel missy|michael mike mick mickey mikhail miguel michel michele mikael misha mikey
mohammed mohamed muhammad mohammad muhammed mohamad mehmet md|nancy nan|natalia natasha natalie|natalie nat
nathaniel nathan nat nate|nathan nate|nicholas nick nicolas nikolai nico nicky klaus niklas|nicole nikki nicky
nikita nick|oliver ollie oli|olivia liv livvy|oscar ozzy|pamela pam|patricia pat patty tricia trish|patrick pat paddy
paul pablo paolo pavel|pavel pasha|penelope penny|peter pete piotr pierre pedro pietro pyotr petr
philip phillip phil philippe felipe|phyllis phil|rachel rae|ramon ray|randall randy|raphael rafael rafa raf
raymond ray|rebecca becky becca|reginald reg reggie|richard rich rick ricky dick ricardo
robert rob bob bobby robbie bert roberto|roberta bobbie|rodney rod|roger rog|ronald ron ronnie|rosemary rose rosie
roy leroy|rudolf rudy|russell russ|samantha sam|samuel sam sammy|sandra sandy|sarah sara sally|sebastian seb bastian
sergey sergei sergio serge|sharon shari|sidney sid|solomon sol|sophia sofia sophie|stanley stan|stephanie steph
stephen steven steve stefan stephan esteban stefano|stewart stuart stu|susan sue susie suzanne suzy|svetlana sveta
sylvester sly|tamara tammy|tatiana tanya tania tatyana|terence terrence terry|teresa theresa terry tess tessa
thaddeus thad|theodore ted teddy theo|thomas tom tommy tomas|timothy tim timmy|tobias toby|valentina valya|valerie val
vanessa nessa|veronica ronnie|victor vic viktor|victoria vicky vicki tori|vincent vince vinny vincenzo|viktoria vika
virginia ginny|vladimir vlad volodya|walter walt wally|wenceslas vaclav|wesley wes|wilhelm william willi
william will bill billy willie liam guillermo guillaume|winifred winnie|yekaterina katya|yelena elena lena
zachary zach zack
"""


def _index() -> dict[str, frozenset[int]]:
    families: dict[str, set[int]] = {}
    for number, family in enumerate(_FAMILIES.strip().replace("\n", "|").split("|")):
        for name in family.split():
            families.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in families.items()}


FAMILIES = _index()
"""From a given name to the numbers of its families."""


def same_name(one: str, other: str) -> bool:
    """Whether one of two given names can stand for the other."""
    mine = FAMILIES.get(one)
    return mine is not None and not mine.isdisjoint(FAMILIES.get(other, ()))
