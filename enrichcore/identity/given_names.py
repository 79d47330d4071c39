"""Given names that have no short form of their own in `nicknames`: general knowledge of many languages."""

from enrichcore.identity.text import words

ALSO_GIVEN = words("""
aaron ada adele aidan ailsa akira alain aldo alma alvaro amber anand anatole ander angus anh anita annabel april ariel
arild aristide armand arpad asher aubrey austin ava avery axel babak bailey baptiste beau beckett benito benoit beryl
blair blaise blake blanche bonnie boyd brent brett brice brody brooke bruce bruno bryant bryce byron caleb cameron
candice carey carson carter casey cecil cedric celine cesar chad chandler chao chase chelsea chester chloe clark clay
clayton clinton clive clyde cody colby cole colin collin colton cooper corentin corey courtney curtis cyrus dale
dalton damaso damon darcy darrell darwin das davis dawn dean delphine denise derek detlef dev dexter didier diego
dieter dillon dion donna doris duarte duc dustin dwight dylan earl easton eckhard edgar edsel egon eileen eivind
ekkehard elaine elke ellis elmer elsa elton elvis emerson emile endre erhard erica erin erwin esme estelle ethan evan
everett ewald fabienne fabrice feng fergus finley finn flavio fletcher flora florent floyd flynn forrest foster fox
frauke freya gael gang garrett garrison gaspar gaspard gauthier gautier gavin gaynor gemma gerda gerlinde germain
german gernot geza ghislain gildas giles gilles gisela glen glenn gonzalo gopal grace graeme graham grant grayson
greer griffin guang guido guy haakon hadley hamad hamza hao harlan harper harrison hartmut harvey hayden hayes hazel
heath heather heike heiko helga heribert hermine hernan herve ho holden holger holly hong honor hope horst houston
hudson hugues hui hung hunter huy hyun ibsen iker ilse imke imogen ingo irma irmgard irving irwin isamu isla ivy jacky
jaden jafari jared jarl jarvis jasper javad jefferson jenna jesse jin jing joel jonah jonas jordan joy joyce juanita
jun june kai karimi karsten kay keaton keegan keith kelly kelvin kendall kendra kendrick kennedy kent kerry kerstin
ketil khanh kirk kofi konrad kumar kwame kyle lal lance lane langston laurel lawson lazaro lea leah leandro lei leif
leland lennox leonie leroy lester levi li lincoln linh lionel lloyd logan loic loretta lorraine lothar luna luther
lyle lynn mabel mackenzie maddox maeve maik makoto marcia marian mariano marion marla marley marlies marlon marshall
marvin mason maude mauro maya meike merle merritt mervyn mia miles min ming minh minoru mohan monica monique monroe
morgan morris murray myles na nadine naomi nash nath neal nelson nestor neville nga nigel noel nolan noreen norma
norris odette odile orson osborne otilia otis ottmar paige palmer parker pascal pascual patrice paxton pearl percy
perry peyton phoebe pierce ping porter prakash prasad presley preston quang quentin quincy rahim rainer ralf ralph
rama ramiro ramsey raoul raul ravi reed reese regina regis reid reiner reinhold remi remy renaud rene rhett rhys
ridley riley river rocco roderick rodolphe rolf romeo rory ross rowan royce royston ruby rufino rufus ryan sabine
salem salma sancho santos satoshi saul sawyer scott seong serena seth shane shankar shelby sheldon shelley sherman
sherry siamak sienna silas silvio sinclair sindre skye solange son soo spencer stacey stone sultan summer sutton
sylvain sylvie takashi tao tate tatum taylor teagan thanh thao thatcher thibault thierry tobin todd tracy travis trent
trevor tristan troy truman tuan tucker turner tyler tyrone ulf una uri uta ute uwe valdis vance vaughan vaughn vernon
victoriano vidal viola violet virgil vivienne volker wade wahid walker wallace wallis ward warren warwick wayne wei
wendy werner weston whitney wilbur wilder wilfred wilfried willis winslow winston wyatt ximena xin yann yannick yates
ying young yvette zac zara zoe
""")
"""Many are surnames too, which is what they are listed for."""
